import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'البحث عن تحديثات…',
  menuChecking: 'جارٍ البحث عن تحديثات…',
  menuDownload: 'تنزيل {version}',
  menuDownloading: 'جارٍ التنزيل: {percent}٪',
  menuPaused: 'التنزيل متوقف مؤقتًا عند {percent}٪',
  menuVerifying: 'جارٍ التحقق…',
  menuRestart: 'إعادة التشغيل للتحديث',
  menuInstalling: 'جارٍ التثبيت…',
  menuRetry: 'إعادة محاولة التحديث',
  menuOff: 'التحديثات متوقفة',
};
