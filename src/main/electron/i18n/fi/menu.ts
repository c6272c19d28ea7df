import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Tarkista päivitykset…',
  menuChecking: 'Tarkistetaan päivityksiä…',
  menuDownload: 'Lataa {version}',
  menuDownloading: 'Ladataan: {percent} %',
  menuPaused: 'Lataus keskeytetty: {percent} %',
  menuVerifying: 'Varmistetaan…',
  menuRestart: 'Päivitä käynnistämällä uudelleen',
  menuInstalling: 'Asennetaan…',
  menuRetry: 'Yritä päivittää uudelleen',
  menuOff: 'Päivitykset ovat poissa käytöstä',
};
