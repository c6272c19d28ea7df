import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Zoeken naar updates…',
  menuChecking: 'Updates zoeken…',
  menuDownload: '{version} downloaden',
  menuDownloading: 'Downloaden: {percent}%',
  menuPaused: 'Download gepauzeerd op {percent}%',
  menuVerifying: 'Controleren…',
  menuRestart: 'Herstarten om bij te werken',
  menuInstalling: 'Installeren…',
  menuRetry: 'Opnieuw proberen bij te werken',
  menuOff: 'Updates staan uit',
};
