/** Why an install hook could not replace the installed app. The installed app keeps working in every case. */
export const installCodes = {
  INSTALL_UNSUPPORTED: { retriable: false, summary: 'This installation cannot update itself.' },
  INSTALL_READ_ONLY: { retriable: false, summary: 'The app cannot be replaced where it is installed.' },
  INSTALL_ELEVATION_REFUSED: { retriable: true, summary: 'The permission to install was not given.' },
  INSTALL_DISK_FULL: { retriable: true, summary: 'There is not enough disk space to install.' },
  INSTALL_FAILED: { retriable: true, summary: 'The update could not be installed.' },
  INSTALL_VERIFY: { retriable: false, summary: 'The file to install is not the one that was verified.' },
  INSTALL_DOWNGRADE: { retriable: false, summary: 'The file to install is older than the installed app.' },
  INSTALL_OTHER_INSTANCE: { retriable: true, summary: 'Another instance of the app is running.' },
  INSTALL_VETOED: { retriable: true, summary: 'A window of the app did not close.' },
  INSTALL_SHUTTING_DOWN: { retriable: true, summary: 'The session is ending.' },
  INSTALL_UNHEALTHY: { retriable: false, summary: 'The new version did not start.' },
} as const;
