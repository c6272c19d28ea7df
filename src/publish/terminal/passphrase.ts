import password from '@inquirer/password';

import { UpdateError } from '../../shared/errors.ts';
import type { AskPassphrase } from '../keys/key-file.ts';
import { visible } from './visible.ts';

const variable = 'ELECTRON_TUF_PASSPHRASE';
/** Of the online key of a repository in a directory, where it differs. */
const onlineVariable = 'ELECTRON_TUF_ONLINE_PASSPHRASE';

/**
 * The passphrase of key files: from the environment, else from a prompt. It never comes from the command line, which
 * every user of the machine can read, and it is taken out of the environment so that no child process inherits it.
 */
export function passphraseSource(): AskPassphrase {
  const given = take(variable);
  return async (file) => {
    if (given !== undefined && given !== '') return given;
    return prompt(`Passphrase of ${file}`);
  };
}

/** For an online key: from a variable of its own, else as any other. */
export function onlinePassphraseSource(other: AskPassphrase): AskPassphrase {
  const given = take(onlineVariable);
  return async (file) => (given === undefined || given === '' ? other(file) : given);
}

function take(name: string): string | undefined {
  const given = process.env[name];
  delete process.env[name];
  return given;
}

/** For a new key: typed twice. */
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
    throw new UpdateError('PUBLISH_KEY', `A passphrase is needed and nobody can be asked. Set ${variable}.`);
  }
  return password({ message: visible(message), mask: true }, { output: process.stderr });
}
