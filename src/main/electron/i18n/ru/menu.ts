import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Проверить обновления…',
  menuChecking: 'Проверка обновлений…',
  menuDownload: 'Загрузить {version}',
  menuDownloading: 'Загрузка: {percent} %',
  menuPaused: 'Загрузка приостановлена: {percent} %',
  menuVerifying: 'Проверка загруженного…',
  menuRestart: 'Перезапустить и обновить',
  menuInstalling: 'Установка…',
  menuRetry: 'Повторить обновление',
  menuOff: 'Обновления отключены',
};
