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
 * A command's output: results on stdout, everything else on stderr. With `--json`, stdout has exactly one line, for
 * programs. Each call writes one line, whatever its text contains: control characters are shown as escapes.
 */
export interface Terminal {
  readonly json: boolean;
  /** True when a person watches stderr. */
  readonly interactive: boolean;
  /** Prints a line of the result for people. Does nothing with `--json`. */
  print(...line: readonly LinePart[]): void;
  /** Prints a line about progress. */
  note(line: string): void;
  warn(line: string): void;
  /** Prints the result for programs. Does nothing without `--json`. */
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

/** Escapes control characters first, and then adds the style if the stream is a terminal. */
function render(part: LinePart, stream: NodeJS.WriteStream): string {
  return typeof part === 'string' ? visible(part) : styleText(part.style, visible(part.text), { stream });
}

/** Bold text, if stdout is a terminal. */
export function strong(text: string): StyledText {
  return { style: 'bold', text };
}

export function faint(text: string): StyledText {
  return { style: 'dim', text };
}
