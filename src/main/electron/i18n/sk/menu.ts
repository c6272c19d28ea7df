import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Vyhľadať aktualizácie…',
  menuChecking: 'Vyhľadávanie aktualizácií…',
  menuDownload: 'Stiahnuť {version}',
  menuDownloading: 'Sťahovanie: {percent} %',
  menuPaused: 'Sťahovanie pozastavené na {percent} %',
  menuVerifying: 'Overovanie…',
  menuRestart: 'Reštartovať a aktualizovať',
  menuInstalling: 'Inštalácia…',
  menuRetry: 'Skúsiť aktualizovať znova',
  menuOff: 'Aktualizácie sú vypnuté',
};
