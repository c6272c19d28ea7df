import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Sök efter uppdateringar…',
  menuChecking: 'Söker efter uppdateringar…',
  menuDownload: 'Hämta {version}',
  menuDownloading: 'Hämtar: {percent} %',
  menuPaused: 'Hämtningen pausad vid {percent} %',
  menuVerifying: 'Kontrollerar…',
  menuRestart: 'Starta om för att uppdatera',
  menuInstalling: 'Installerar…',
  menuRetry: 'Försök uppdatera igen',
  menuOff: 'Uppdateringar är avstängda',
};
