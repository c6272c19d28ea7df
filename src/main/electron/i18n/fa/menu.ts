import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'بررسی به‌روزرسانی‌ها…',
  menuChecking: 'در حال بررسی به‌روزرسانی‌ها…',
  menuDownload: 'دریافت {version}',
  menuDownloading: 'در حال دریافت: {percent}٪',
  menuPaused: 'دریافت در {percent}٪ متوقف شد',
  menuVerifying: 'در حال بررسی درستی…',
  menuRestart: 'راه‌اندازی دوباره برای به‌روزرسانی',
  menuInstalling: 'در حال نصب…',
  menuRetry: 'تلاش دوباره برای به‌روزرسانی',
  menuOff: 'به‌روزرسانی‌ها خاموش هستند',
};
