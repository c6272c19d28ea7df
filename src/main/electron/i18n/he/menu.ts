import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'חיפוש עדכונים…',
  menuChecking: 'מחפש עדכונים…',
  menuDownload: 'הורדת {version}',
  menuDownloading: 'מוריד: {percent}%',
  menuPaused: 'ההורדה מושהית ב-{percent}%',
  menuVerifying: 'מאמת…',
  menuRestart: 'הפעלה מחדש לעדכון',
  menuInstalling: 'מתקין…',
  menuRetry: 'ניסיון נוסף לעדכן',
  menuOff: 'העדכונים כבויים',
};
