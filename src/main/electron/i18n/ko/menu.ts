import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: '업데이트 확인…',
  menuChecking: '업데이트 확인 중…',
  menuDownload: '{version} 다운로드',
  menuDownloading: '다운로드 중: {percent}%',
  menuPaused: '다운로드 일시 중지됨: {percent}%',
  menuVerifying: '확인 중…',
  menuRestart: '다시 시작하여 업데이트',
  menuInstalling: '설치 중…',
  menuRetry: '업데이트 다시 시도',
  menuOff: '업데이트 꺼짐',
};
