import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Verifica aggiornamenti…',
  menuChecking: 'Ricerca di aggiornamenti…',
  menuDownload: 'Scarica {version}',
  menuDownloading: 'Download in corso: {percent}%',
  menuPaused: 'Download in pausa al {percent}%',
  menuVerifying: 'Verifica in corso…',
  menuRestart: 'Riavvia per aggiornare',
  menuInstalling: 'Installazione in corso…',
  menuRetry: 'Riprova ad aggiornare',
  menuOff: 'Aggiornamenti disattivati',
};
