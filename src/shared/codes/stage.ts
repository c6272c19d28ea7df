/** What can go wrong with a verified artifact that waits on disk. */
export const stageCodes = {
  STAGE_DISK_FULL: { retriable: true, summary: 'There is not enough disk space to keep the update.' },
  STAGE_DISK: { retriable: true, summary: 'The staging directory cannot be used.' },
  STAGE_CHANGED: { retriable: true, summary: 'The staged update changed since it was verified.' },
  STAGE_OUTDATED: { retriable: false, summary: 'The staged update is not to be installed any more.' },
  STAGE_NOTHING: { retriable: false, summary: 'No update is staged.' },
  STAGE_BUSY: { retriable: true, summary: 'Another process is working on the staged update.' },
} as const;
