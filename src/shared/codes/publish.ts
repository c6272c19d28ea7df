/** What the `electron-tuf` command refuses or could not finish. */
export const publishCodes = {
  PUBLISH_INPUT: { retriable: false, summary: 'The files to publish are not complete or not valid.' },
  PUBLISH_KEY: { retriable: false, summary: 'The publisher key cannot be used.' },
  PUBLISH_IMMUTABLE: { retriable: false, summary: 'Other bytes are already published under this path.' },
  PUBLISH_UNREACHABLE: { retriable: true, summary: 'The RSTUF API cannot be reached.' },
  PUBLISH_UNAUTHORISED: { retriable: false, summary: 'The RSTUF API refused the credentials.' },
  PUBLISH_API: { retriable: true, summary: 'The RSTUF API answered with an error.' },
  PUBLISH_TASK_FAILED: { retriable: true, summary: 'RSTUF could not finish the task.' },
  PUBLISH_NOT_COVERED: { retriable: false, summary: 'No delegated role covers the path.' },
  PUBLISH_TIMEOUT: { retriable: true, summary: 'RSTUF did not finish in time.' },
  PUBLISH_NOT_CONFIRMED: { retriable: true, summary: 'The published files cannot be seen by a client yet.' },
  PUBLISH_CONTENT: { retriable: true, summary: 'The content store cannot be written.' },
  REPOSITORY_STATE: { retriable: false, summary: 'The directory of the embedded repository cannot be used.' },
  PUBLISH_PATCH_TOO_LARGE: { retriable: false, summary: 'A patch needs more memory than there is.' },
  PUBLISH_TOOLS: { retriable: false, summary: 'A program that publishing needs is missing or failed.' },
} as const;
