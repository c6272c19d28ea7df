import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Buscar actualizaciones…',
  menuChecking: 'Buscando actualizaciones…',
  menuDownload: 'Descargar {version}',
  menuDownloading: 'Descargando: {percent} %',
  menuPaused: 'Descarga en pausa al {percent} %',
  menuVerifying: 'Verificando…',
  menuRestart: 'Reiniciar para actualizar',
  menuInstalling: 'Instalando…',
  menuRetry: 'Volver a intentar actualizar',
  menuOff: 'Actualizaciones desactivadas',
};
