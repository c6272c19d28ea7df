import { styleText } from 'node:util';

import { type UpdateError } from '../../shared/errors.ts';
import { visible, visibleJson } from './visible.ts';

/** A part of a line: plain, or in a style. */
type LinePart = string | StyledText;

export interface StyledText {
  readonly style: 'bold' | 'dim' | 'green' | 'yellow' | 'red';
  readonly text: string;
}

/**
 * Where a command speaks: results on stdout, everything else on stderr. With `--json`, stdout carries exactly one
 * line, for programs. Each call writes one line, whatever its text contains: control characters are shown as escapes.
 */
export interface Terminal {
  readonly json: boolean;
  /** True when a person watches stderr. */
  readonly interactive: boolean;
  /** A line of the result for people; left out with `--json`. */
  print(...line: readonly LinePart[]): void;
  /** A line about what is going on. */
  note(line: string): void;
  warn(line: string): void;
  /** The result for programs; left out without `--json`. */
  result(value: unknown): void;
  fail(error: UpdateError): void;
}

export function createTerminal(json: boolean): Terminal {
  const { stdout, stderr } = process;
  const write = (stream: NodeJS.WriteStream, ...line: readonly LinePart[]): void => {
    stream.write(`${line.map((part) => render(part, stream)).join('')}\n`);
  };
  return {
    json,
    interactive: stderr.isTTY && process.env['CI'] === undefined,
    print(...line) {
      if (!json) write(stdout, ...line);
    },
    note(line) {
      write(stderr, line);
    },
    warn(line) {
      write(stderr, { style: 'yellow', text: 'warning:' }, ` ${line}`);
    },
    result(value) {
      if (json) stdout.write(`${visibleJson(value)}\n`);
    },
    fail(error) {
      write(stderr, { style: 'red', text: `error ${error.code}:` }, ` ${error.message}`);
      if (json) stdout.write(`${visibleJson({ error: error.toData() })}\n`);
    },
  };
}

/** Styles are added after the text was made visible, and only where the stream shows them. */
function render(part: LinePart, stream: NodeJS.WriteStream): string {
  return typeof part === 'string' ? visible(part) : styleText(part.style, visible(part.text), { stream });
}

/** Bold where the terminal shows it. */
export function strong(text: string): StyledText {
  return { style: 'bold', text };
}

export function faint(text: string): StyledText {
  return { style: 'dim', text };
}
