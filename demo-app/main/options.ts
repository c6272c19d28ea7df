import { parseArgs } from 'node:util';

export interface NotesOptions {
  /** Say which version this is, and end. */
  readonly version: boolean;
  /** Look for a newer Notes, install and start it. */
  readonly update: boolean;
  /** Choose this channel first. */
  readonly channel: string | undefined;
  /** The socket of whoever wants to know what happens. */
  readonly report: string | undefined;
}

/** Reads the arguments of the command line. Unknown switches are Electron's or Chromium's. */
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
