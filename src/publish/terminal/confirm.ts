import confirm from '@inquirer/confirm';

import { UpdateError } from '../../shared/errors.ts';
import { visible } from './visible.ts';

/**
 * Asks the person at the terminal to confirm. With `yes`, does not ask.
 * @throws UpdateError `OPTIONS_INVALID` when there is no terminal, or when the answer is no
 */
export async function confirmWith(yes: boolean, message: string): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new UpdateError('OPTIONS_INVALID', `${message} There is no terminal to ask on: add --yes if you agree.`);
  }
  if (await confirm({ message: visible(message), default: false }, { output: process.stderr })) return;
  throw new UpdateError('OPTIONS_INVALID', 'Nothing was written.');
}
