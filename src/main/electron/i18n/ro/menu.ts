import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Caută actualizări…',
  menuChecking: 'Se caută actualizări…',
  menuDownload: 'Descarcă {version}',
  menuDownloading: 'Se descarcă: {percent} %',
  menuPaused: 'Descărcare întreruptă la {percent} %',
  menuVerifying: 'Se verifică…',
  menuRestart: 'Repornește pentru actualizare',
  menuInstalling: 'Se instalează…',
  menuRetry: 'Încearcă din nou actualizarea',
  menuOff: 'Actualizările sunt oprite',
};
