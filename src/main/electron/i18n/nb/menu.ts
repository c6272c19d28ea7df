import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Se etter oppdateringer…',
  menuChecking: 'Ser etter oppdateringer…',
  menuDownload: 'Last ned {version}',
  menuDownloading: 'Laster ned: {percent} %',
  menuPaused: 'Nedlastingen er satt på pause ved {percent} %',
  menuVerifying: 'Kontrollerer…',
  menuRestart: 'Start på nytt for å oppdatere',
  menuInstalling: 'Installerer…',
  menuRetry: 'Prøv å oppdatere igjen',
  menuOff: 'Oppdateringer er slått av',
};
