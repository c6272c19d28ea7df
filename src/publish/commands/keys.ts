import { isReadableByOthers, readKeyFile, type SigningKey } from '../keys/key-file.ts';
import { passphraseSource } from '../terminal/passphrase.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Decrypts the given key files, and says so when other users can read one. */
export async function readKeys(files: readonly string[], terminal: Terminal): Promise<readonly SigningKey[]> {
  const ask = passphraseSource();
  const keys: SigningKey[] = [];
  for (const file of files) {
    keys.push(await readKeyFile(file, ask));
    if (await isReadableByOthers(file)) terminal.warn(`${file} can be read by other users: run chmod 600 ${file}`);
  }
  return keys;
}
