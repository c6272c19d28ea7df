import confirm from '@inquirer/confirm';

import { UpdateError } from '../../shared/errors.ts';
import { visible } from './visible.ts';

/**
 * Asks a person; `yes` answers beforehand.
 * @throws UpdateError `OPTIONS_INVALID` when nobody can be asked, or when the answer is no
 */
export async function confirmWith(yes: boolean, message: string): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new UpdateError('OPTIONS_INVALID', `${message} Nobody can be asked here: add --yes once you have compared.`);
  }
  if (await confirm({ message: visible(message), default: false }, { output: process.stderr })) return;
  throw new UpdateError('OPTIONS_INVALID', 'Nothing was written.');
}
