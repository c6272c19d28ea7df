import { shellQuote } from '../../support/shell-quote.ts';

/** A command that a person can run as an administrator. Pure. */
export function manualCommand(file: string, args: readonly string[]): string {
  return ['sudo', file, ...args].map(shellQuote).join(' ');
}
