import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Rechercher les mises à jour…',
  menuChecking: 'Recherche de mises à jour…',
  menuDownload: 'Télécharger {version}',
  menuDownloading: 'Téléchargement : {percent} %',
  menuPaused: 'Téléchargement en pause à {percent} %',
  menuVerifying: 'Vérification…',
  menuRestart: 'Redémarrer pour mettre à jour',
  menuInstalling: 'Installation…',
  menuRetry: 'Réessayer la mise à jour',
  menuOff: 'Mises à jour désactivées',
};
