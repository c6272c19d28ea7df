import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Vyhledat aktualizace…',
  menuChecking: 'Vyhledávání aktualizací…',
  menuDownload: 'Stáhnout {version}',
  menuDownloading: 'Stahování: {percent} %',
  menuPaused: 'Stahování pozastaveno na {percent} %',
  menuVerifying: 'Ověřování…',
  menuRestart: 'Restartovat a aktualizovat',
  menuInstalling: 'Instalace…',
  menuRetry: 'Zkusit aktualizovat znovu',
  menuOff: 'Aktualizace jsou vypnuté',
};
