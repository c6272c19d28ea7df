import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Frissítések keresése…',
  menuChecking: 'Frissítések keresése folyamatban…',
  menuDownload: '{version} letöltése',
  menuDownloading: 'Letöltés: {percent}%',
  menuPaused: 'Letöltés szüneteltetve: {percent}%',
  menuVerifying: 'Ellenőrzés…',
  menuRestart: 'Újraindítás a frissítéshez',
  menuInstalling: 'Telepítés…',
  menuRetry: 'Frissítés újbóli megkísérlése',
  menuOff: 'A frissítések ki vannak kapcsolva',
};
