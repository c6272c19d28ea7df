import type { MenuStrings } from '../strings.ts';

export const menu: MenuStrings = {
  menuCheck: 'Έλεγχος για ενημερώσεις…',
  menuChecking: 'Γίνεται έλεγχος για ενημερώσεις…',
  menuDownload: 'Λήψη {version}',
  menuDownloading: 'Λήψη: {percent}%',
  menuPaused: 'Η λήψη σταμάτησε στο {percent}%',
  menuVerifying: 'Επαλήθευση…',
  menuRestart: 'Επανεκκίνηση για ενημέρωση',
  menuInstalling: 'Εγκατάσταση…',
  menuRetry: 'Νέα προσπάθεια ενημέρωσης',
  menuOff: 'Οι ενημερώσεις είναι ανενεργές',
};
