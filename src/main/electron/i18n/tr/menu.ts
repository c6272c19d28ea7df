import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Güncellemeleri Denetle…',
  menuChecking: 'Güncellemeler Denetleniyor…',
  menuDownload: '{version} Sürümünü İndir',
  menuDownloading: 'İndiriliyor: %{percent}',
  menuPaused: 'İndirme Duraklatıldı: %{percent}',
  menuVerifying: 'Doğrulanıyor…',
  menuRestart: 'Güncellemek İçin Yeniden Başlat',
  menuInstalling: 'Yükleniyor…',
  menuRetry: 'Güncellemeyi Yeniden Dene',
  menuOff: 'Güncellemeler Kapalı',
};
