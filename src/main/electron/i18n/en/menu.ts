import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Check for Updates…',
  menuChecking: 'Checking for Updates…',
  menuDownload: 'Download {version}',
  menuDownloading: 'Downloading {percent} %',
  menuPaused: 'Download Paused at {percent} %',
  menuVerifying: 'Verifying…',
  menuRestart: 'Restart to Update',
  menuInstalling: 'Installing…',
  menuRetry: 'Try to Update Again',
  menuOff: 'Updates Are Off',
};
