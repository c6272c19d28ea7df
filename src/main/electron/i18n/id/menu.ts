import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Periksa Pembaruan…',
  menuChecking: 'Memeriksa Pembaruan…',
  menuDownload: 'Unduh {version}',
  menuDownloading: 'Mengunduh: {percent}%',
  menuPaused: 'Unduhan Dijeda pada {percent}%',
  menuVerifying: 'Memverifikasi…',
  menuRestart: 'Mulai Ulang untuk Memperbarui',
  menuInstalling: 'Memasang…',
  menuRetry: 'Coba Perbarui Lagi',
  menuOff: 'Pembaruan Nonaktif',
};
