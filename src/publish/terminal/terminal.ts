import { styleText } from 'node:util';

import { type UpdateError } from '../../shared/errors.ts';

/**
 * Where a command speaks: results on stdout, everything else on stderr. With `--json`, stdout carries exactly one
 * line, for programs.
 */
export interface Terminal {
  readonly json: boolean;
  /** True when a person watches stderr. */
  readonly interactive: boolean;
  /** A line of the result for people; left out with `--json`. */
  print(line: string): void;
  /** A line about what is going on. */
  note(line: string): void;
  warn(line: string): void;
  /** The result for programs; left out without `--json`. */
  result(value: unknown): void;
  fail(error: UpdateError): void;
}

export function createTerminal(json: boolean): Terminal {
  const { stdout, stderr } = process;
  return {
    json,
    interactive: stderr.isTTY && process.env['CI'] === undefined,
    print(line) {
      if (!json) stdout.write(`${line}\n`);
    },
    note(line) {
      stderr.write(`${line}\n`);
    },
    warn(line) {
      stderr.write(`${styleText('yellow', 'warning:', { stream: stderr })} ${line}\n`);
    },
    result(value) {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    fail(error) {
      stderr.write(`${styleText('red', `error ${error.code}:`, { stream: stderr })} ${error.message}\n`);
      if (json) stdout.write(`${JSON.stringify({ error: error.toData() })}\n`);
    },
  };
}

/** Bold where the terminal shows it. */
export function strong(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

export function faint(text: string): string {
  return styleText('dim', text, { stream: process.stdout });
}
