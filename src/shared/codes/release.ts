/** Why no release can be chosen from a trusted index. */
export const releaseCodes = {
  RELEASE_NOT_FOUND: { retriable: false, summary: 'The channel has no such release.' },
  RELEASE_NO_ARTIFACT: {
    retriable: false,
    summary: 'The release has no file for this platform and kind of installation.',
  },
} as const;
