import { type AskPassphrase, isReadableByOthers, readKeyFile, type SigningKey } from '../keys/key-file.ts';
import { onlinePassphraseSource, passphraseSource } from '../terminal/passphrase.ts';
import type { Terminal } from '../terminal/terminal.ts';

let asked: AskPassphrase | undefined;

/** Created once per process, because reading the passphrase removes it from the environment. */
function ask(): AskPassphrase {
  asked ??= passphraseSource();
  return asked;
}

/** Decrypts key files. Warns about files that other users can read. */
export async function readKeyFiles(files: readonly string[], terminal: Terminal): Promise<readonly SigningKey[]> {
  const keys: SigningKey[] = [];
  for (const file of files) keys.push(await readKey(file, ask(), terminal));
  return keys;
}

/** Decrypts the online key. Its passphrase may come from its own environment variable. */
export async function readOnlineKey(file: string, terminal: Terminal): Promise<SigningKey> {
  return readKey(file, onlinePassphraseSource(ask()), terminal);
}

async function readKey(file: string, passphrase: AskPassphrase, terminal: Terminal): Promise<SigningKey> {
  const key = await readKeyFile(file, passphrase);
  if (await isReadableByOthers(file)) terminal.warn(`${file} can be read by other users: run chmod 600 ${file}`);
  return key;
}
