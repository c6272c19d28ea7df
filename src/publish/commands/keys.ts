import { type AskPassphrase, isReadableByOthers, readKeyFile, type SigningKey } from '../keys/key-file.ts';
import { onlinePassphraseSource, passphraseSource } from '../terminal/passphrase.ts';
import type { Terminal } from '../terminal/terminal.ts';

let asked: AskPassphrase | undefined;

/** One for the process: a passphrase is taken out of the environment once. */
function ask(): AskPassphrase {
  asked ??= passphraseSource();
  return asked;
}

/** Decrypts the given key files, and says so when other users can read one. */
export async function readKeyFiles(files: readonly string[], terminal: Terminal): Promise<readonly SigningKey[]> {
  const keys: SigningKey[] = [];
  for (const file of files) keys.push(await readKey(file, ask(), terminal));
  return keys;
}

/** As {@link readKeyFiles}; its passphrase may stand in a variable of its own. */
export async function readOnlineKey(file: string, terminal: Terminal): Promise<SigningKey> {
  return readKey(file, onlinePassphraseSource(ask()), terminal);
}

async function readKey(file: string, passphrase: AskPassphrase, terminal: Terminal): Promise<SigningKey> {
  const key = await readKeyFile(file, passphrase);
  if (await isReadableByOthers(file)) terminal.warn(`${file} can be read by other users: run chmod 600 ${file}`);
  return key;
}
