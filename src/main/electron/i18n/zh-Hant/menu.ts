import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: '檢查更新…',
  menuChecking: '正在檢查更新…',
  menuDownload: '下載 {version}',
  menuDownloading: '正在下載：{percent}%',
  menuPaused: '下載已暫停：{percent}%',
  menuVerifying: '正在驗證…',
  menuRestart: '重新啟動以更新',
  menuInstalling: '正在安裝…',
  menuRetry: '再次嘗試更新',
  menuOff: '更新已關閉',
};
