import { readFile } from 'node:fs/promises';

import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { systemCode, textOf, UpdateError } from '../../../shared/errors.ts';
import { isReadableByOthers, publicFileOf, readPublicKeyFile } from '../../keys/key-file.ts';
import type { KeyFileFacts } from '../checks/publisher-keys.ts';

/** Reads the facts about key files that need no passphrase. */
export async function readKeyFacts(files: readonly string[]): Promise<readonly KeyFileFacts[]> {
  return Promise.all(files.map(factsOf));
}

async function factsOf(file: string): Promise<KeyFileFacts> {
  try {
    const pem = await readFile(file, 'utf8');
    const keyid = await keyidBeside(file);
    return {
      file,
      ...omitUndefined({ keyid }),
      encrypted: pem.includes('BEGIN ENCRYPTED PRIVATE KEY'),
      readableByOthers: await isReadableByOthers(file),
    };
  } catch (error) {
    return { file, message: `It cannot be read: ${textOf(error)}.`, encrypted: false, readableByOthers: false };
  }
}

async function keyidBeside(file: string): Promise<string | undefined> {
  try {
    return (await readPublicKeyFile(publicFileOf(file))).keyid;
  } catch (error) {
    if (error instanceof UpdateError && systemCode(error.cause) === 'ENOENT') return undefined;
    throw error;
  }
}
