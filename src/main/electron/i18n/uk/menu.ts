import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Перевірити оновлення…',
  menuChecking: 'Перевірка оновлень…',
  menuDownload: 'Завантажити {version}',
  menuDownloading: 'Завантаження: {percent} %',
  menuPaused: 'Завантаження призупинено: {percent} %',
  menuVerifying: 'Перевірка завантаженого…',
  menuRestart: 'Перезапустити й оновити',
  menuInstalling: 'Встановлення…',
  menuRetry: 'Спробувати оновити ще раз',
  menuOff: 'Оновлення вимкнено',
};
