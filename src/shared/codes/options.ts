/** What can be wrong with the configuration an app or a publisher gives. */
export const optionCodes = {
  OPTIONS_INVALID: { retriable: false, summary: 'An option is wrong.' },
  OPTIONS_CONFIG_MISSING: { retriable: false, summary: 'The embedded update configuration is missing.' },
  OPTIONS_CONFIG_INVALID: { retriable: false, summary: 'The embedded update configuration cannot be read.' },
} as const;
