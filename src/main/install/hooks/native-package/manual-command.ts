import { shellWord } from '../../support/shell-quote.ts';

/** A command that a person can run as an administrator. Pure. */
export function byHand(file: string, args: readonly string[]): string {
  return ['sudo', file, ...args].map(shellWord).join(' ');
}
