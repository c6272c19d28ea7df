import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Sprawdź aktualizacje…',
  menuChecking: 'Sprawdzanie aktualizacji…',
  menuDownload: 'Pobierz {version}',
  menuDownloading: 'Pobieranie: {percent}%',
  menuPaused: 'Pobieranie wstrzymane: {percent}%',
  menuVerifying: 'Weryfikowanie…',
  menuRestart: 'Uruchom ponownie, aby zaktualizować',
  menuInstalling: 'Instalowanie…',
  menuRetry: 'Spróbuj zaktualizować ponownie',
  menuOff: 'Aktualizacje są wyłączone',
};
