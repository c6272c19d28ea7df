import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'アップデートを確認…',
  menuChecking: 'アップデートを確認中…',
  menuDownload: '{version} をダウンロード',
  menuDownloading: 'ダウンロード中: {percent}%',
  menuPaused: 'ダウンロードを {percent}% で一時停止中',
  menuVerifying: '検証中…',
  menuRestart: '再起動してアップデート',
  menuInstalling: 'インストール中…',
  menuRetry: 'アップデートを再試行',
  menuOff: 'アップデートはオフです',
};
