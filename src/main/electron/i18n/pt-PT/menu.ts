import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Procurar atualizações…',
  menuChecking: 'A procurar atualizações…',
  menuDownload: 'Descarregar {version}',
  menuDownloading: 'A descarregar: {percent}%',
  menuPaused: 'Transferência em pausa aos {percent}%',
  menuVerifying: 'A verificar…',
  menuRestart: 'Reiniciar para atualizar',
  menuInstalling: 'A instalar…',
  menuRetry: 'Tentar atualizar novamente',
  menuOff: 'Atualizações desativadas',
};
