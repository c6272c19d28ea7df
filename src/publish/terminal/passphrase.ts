import password from '@inquirer/password';

import { UpdateError } from '../../shared/errors.ts';
import type { AskPassphrase } from '../keys/key-file.ts';
import { visible } from './visible.ts';

const variable = 'ELECTRON_TUF_PASSPHRASE';
/** The passphrase of the online key of a repository in a directory, if it differs. */
const onlineVariable = 'ELECTRON_TUF_ONLINE_PASSPHRASE';

/**
 * Reads the passphrase of key files from the environment, or else asks for it. Removes it from the environment, so that
 * child processes do not inherit it. There is no flag for it, because every user of the machine can read command lines.
 */
export function passphraseSource(): AskPassphrase {
  const given = take(variable);
  return async (file) => {
    if (given !== undefined && given !== '') return given;
    return prompt(`Passphrase of ${file}`);
  };
}

/** Reads an online key's passphrase from its own environment variable, or else from `other`. */
export function onlinePassphraseSource(other: AskPassphrase): AskPassphrase {
  const given = take(onlineVariable);
  return async (file) => (given === undefined || given === '' ? other(file) : given);
}

function take(name: string): string | undefined {
  const given = process.env[name];
  delete process.env[name];
  return given;
}

/** Reads the passphrase of a new key from the environment, or else asks for it twice. */
export function newPassphraseSource(): AskPassphrase {
  const given = take(variable);
  return async (file) => {
    if (given !== undefined && given !== '') return given;
    const first = await prompt(`New passphrase for ${file}`);
    if (first !== (await prompt('The same again'))) {
      throw new UpdateError('PUBLISH_KEY', 'The two passphrases differ. Nothing was written; try again.');
    }
    return first;
  };
}

async function prompt(message: string): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new UpdateError(
      'PUBLISH_KEY',
      `A passphrase is needed, and there is no terminal to ask on. Set ${variable}.`,
    );
  }
  return password({ message: visible(message), mask: true }, { output: process.stderr });
}
