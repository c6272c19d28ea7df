import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Kiểm tra bản cập nhật…',
  menuChecking: 'Đang kiểm tra bản cập nhật…',
  menuDownload: 'Tải xuống {version}',
  menuDownloading: 'Đang tải xuống: {percent}%',
  menuPaused: 'Đã tạm dừng tải xuống ở {percent}%',
  menuVerifying: 'Đang xác minh…',
  menuRestart: 'Khởi động lại để cập nhật',
  menuInstalling: 'Đang cài đặt…',
  menuRetry: 'Thử cập nhật lại',
  menuOff: 'Đã tắt cập nhật',
};
