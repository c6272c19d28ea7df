import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Buscar atualizações…',
  menuChecking: 'Buscando atualizações…',
  menuDownload: 'Baixar {version}',
  menuDownloading: 'Baixando: {percent}%',
  menuPaused: 'Download pausado em {percent}%',
  menuVerifying: 'Verificando…',
  menuRestart: 'Reiniciar para atualizar',
  menuInstalling: 'Instalando…',
  menuRetry: 'Tentar atualizar de novo',
  menuOff: 'Atualizações desativadas',
};
