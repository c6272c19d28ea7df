import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Nach Updates suchen …',
  menuChecking: 'Updates werden gesucht …',
  menuDownload: '{version} herunterladen',
  menuDownloading: 'Wird heruntergeladen: {percent} %',
  menuPaused: 'Download angehalten bei {percent} %',
  menuVerifying: 'Wird geprüft …',
  menuRestart: 'Neu starten und aktualisieren',
  menuInstalling: 'Wird installiert …',
  menuRetry: 'Update erneut versuchen',
  menuOff: 'Updates sind abgeschaltet',
};
