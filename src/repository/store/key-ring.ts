import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf, UpdateError } from '../../shared/errors.ts';
import { writeAtomic } from '../../files/write-atomic.ts';
import { generateSigningKey, privatePem, type RoleSigningKey, signingKeyFromPem, type TufKey } from '../tuf/keys.ts';
import type { Places } from './files.ts';

const readme = `Keys of the embedded repository: FOR DEVELOPMENT AND TESTS ONLY.

They lie here unencrypted, the offline root keys beside the online key. Whoever reads this directory can sign anything
that an app trusting this repository will install. Never ship an app that embeds this repository's root.json; use a
real RSTUF with root keys that were made offline.
`;

/** The private keys in `development-keys/`, by key id. */
export interface KeyRing {
  get(keyid: string): RoleSigningKey | undefined;
  /** The key in `<name>.pem`, generated if it does not exist. Names that start with `online` are online keys. */
  getOrCreate(name: string): Promise<RoleSigningKey>;
  /** Generates a key under the first free name `<prefix>-<number>`. */
  create(prefix: 'root' | 'online'): Promise<RoleSigningKey>;
}

/** Opens a directory of keys. @throws UpdateError `REPOSITORY_STATE` if a `.pem` is not an unencrypted ed25519 key */
export async function openKeyRing(places: Places): Promise<KeyRing> {
  await writeAtomic(join(places.keys, 'README.txt'), readme);
  const keys = new Map<string, RoleSigningKey>();
  for (const file of await readdir(places.keys)) {
    if (file.endsWith('.pem')) keys.set(file.slice(0, -'.pem'.length), await readKey(places, file));
  }
  const getOrCreate = async (name: string): Promise<RoleSigningKey> => {
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = generateSigningKey(labelOf(name));
    await writeAtomic(join(places.keys, `${name}.pem`), privatePem(key));
    keys.set(name, key);
    return key;
  };
  return {
    get: (keyid) => keys.values().find((key) => key.keyid === keyid),
    getOrCreate,
    async create(prefix) {
      let number = 1;
      while (keys.has(`${prefix}-${number}`)) number += 1;
      return getOrCreate(`${prefix}-${number}`);
    },
  };
}

/** A key ring of keys that are stored elsewhere. It reads, writes and generates nothing. */
export function givenKeyRing(keys: readonly RoleSigningKey[]): KeyRing {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UpdateError('REPOSITORY_STATE', 'This repository generates no keys. Give the keys that it needs.'),
    );
  return { get: (keyid) => keys.find((key) => key.keyid === keyid), getOrCreate: refuse, create: refuse };
}

/** @throws UpdateError `REPOSITORY_STATE` */
export function needKey(ring: KeyRing, key: Pick<TufKey, 'keyid'>, places: Places): RoleSigningKey {
  const found = ring.get(key.keyid);
  if (found !== undefined) return found;
  throw new UpdateError(
    'REPOSITORY_STATE',
    `The private key ${key.keyid} was not given and is not in ${places.keys}, where it would be an unencrypted ed25519 PEM file.`,
  );
}

async function readKey(places: Places, file: string): Promise<RoleSigningKey> {
  const path = join(places.keys, file);
  try {
    return signingKeyFromPem(await readFile(path, 'utf8'), labelOf(file.slice(0, -'.pem'.length)));
  } catch (error) {
    throw new UpdateError(
      'REPOSITORY_STATE',
      `${path} is not an unencrypted ed25519 private key (${textOf(error)}). Remove or replace it.`,
      { cause: error },
    );
  }
}

function labelOf(name: string): { readonly name: string; readonly onlineUri?: string } {
  return name.startsWith('online') ? { name, onlineUri: `fn:${name}.pem` } : { name };
}
