import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Søg efter opdateringer…',
  menuChecking: 'Søger efter opdateringer…',
  menuDownload: 'Hent {version}',
  menuDownloading: 'Henter: {percent} %',
  menuPaused: 'Overførsel på pause ved {percent} %',
  menuVerifying: 'Kontrollerer…',
  menuRestart: 'Genstart for at opdatere',
  menuInstalling: 'Installerer…',
  menuRetry: 'Prøv at opdatere igen',
  menuOff: 'Opdateringer er slået fra',
};
