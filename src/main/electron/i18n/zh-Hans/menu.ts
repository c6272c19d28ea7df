import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: '检查更新…',
  menuChecking: '正在检查更新…',
  menuDownload: '下载 {version}',
  menuDownloading: '正在下载：{percent}%',
  menuPaused: '下载已暂停：{percent}%',
  menuVerifying: '正在验证…',
  menuRestart: '重新启动以更新',
  menuInstalling: '正在安装…',
  menuRetry: '再次尝试更新',
  menuOff: '更新已关闭',
};
