/** What can go wrong between a trusted target and its verified bytes on disk. */
export const downloadCodes = {
  DOWNLOAD_OFFLINE: { retriable: true, summary: 'The download server can not be reached.' },
  DOWNLOAD_TIMEOUT: { retriable: true, summary: 'The download stalled.' },
  DOWNLOAD_HTTP_STATUS: { retriable: true, summary: 'The download server answered with an error.' },
  DOWNLOAD_NOT_FOUND: { retriable: true, summary: 'The download server does not have the file.' },
  DOWNLOAD_INSECURE_URL: { retriable: false, summary: 'A download address is not HTTPS.' },
  DOWNLOAD_REDIRECT: { retriable: true, summary: 'The download server redirects too often or to a forbidden address.' },
  DOWNLOAD_TOO_LONG: { retriable: true, summary: 'The server sent more bytes than were signed.' },
  DOWNLOAD_TRUNCATED: { retriable: true, summary: 'The server sent fewer bytes than were signed.' },
  DOWNLOAD_MISMATCH: { retriable: true, summary: 'The downloaded bytes are not the ones that were signed.' },
  DOWNLOAD_CANCELLED: { retriable: true, summary: 'The download was cancelled.' },
  DOWNLOAD_BUSY: { retriable: true, summary: 'Another process is downloading the same file.' },
  DOWNLOAD_DISK_FULL: { retriable: true, summary: 'There is not enough disk space.' },
  DOWNLOAD_DISK: { retriable: true, summary: 'The file can not be written.' },
} as const;
