import { parseArgs } from 'node:util';

export interface NotesOptions {
  /** Print the version and end. */
  readonly version: boolean;
  /** Check for a newer version, install it and start it. */
  readonly update: boolean;
  /** Choose this channel first. */
  readonly channel: string | undefined;
  /** The socket that receives reports. */
  readonly report: string | undefined;
}

/** Parses the command line. Ignores unknown switches, because they belong to Electron or Chromium. */
export function readOptions(args: readonly string[]): NotesOptions {
  const { values } = parseArgs({
    args: [...args],
    strict: false,
    options: {
      version: { type: 'boolean' },
      update: { type: 'boolean' },
      channel: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const text = (value: string | boolean | undefined): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  return {
    version: values.version === true,
    update: values.update === true,
    channel: text(values.channel),
    report: text(values.report),
  };
}
