import { shellQuote } from '../../support/shell-quote.ts';

/** The text of a command that a person can run as administrator. Pure. */
export function manualCommand(file: string, args: readonly string[]): string {
  return ['sudo', file, ...args].map(shellQuote).join(' ');
}
