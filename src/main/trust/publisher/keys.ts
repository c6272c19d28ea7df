import * as v from 'valibot';

import { UpdateError, type UpdateErrorCode } from '../../../shared/errors.ts';
import { keyIdOf, type PublisherKeySet, publisherKeySetSchema } from '../../../shared/publisher-keys.ts';

/**
 * Checks that the id of every key is the SHA-256 of its canonical JSON. Signatures name keys by id, so a wrong id would let
 * one key count as another.
 * @throws UpdateError with `code`
 */
export function assertKeyIds(set: PublisherKeySet, code: UpdateErrorCode): PublisherKeySet {
  for (const { keyid, keyval } of set.keys) {
    const expected = keyIdOf(keyval.public);
    if (keyid !== expected) {
      throw new UpdateError(
        code,
        `The publisher key ${keyval.public.slice(0, 8)}… has the key id ${keyid.slice(0, 8)}…, but its id is ${expected}. Write the key set again with "electron-tuf init".`,
      );
    }
  }
  return set;
}

/**
 * Checks a key set that an app gives in code as strictly as an embedded one. A threshold of 0 would accept every index.
 * @throws UpdateError `OPTIONS_CONFIG_INVALID`
 */
export function assertKeySet(set: PublisherKeySet): void {
  const parsed = v.safeParse(publisherKeySetSchema, set);
  if (!parsed.success) {
    throw new UpdateError(
      'OPTIONS_CONFIG_INVALID',
      `The publisher's key set cannot be used: ${parsed.issues[0].message}. Write it again with "electron-tuf init".`,
    );
  }
  assertKeyIds(set, 'OPTIONS_CONFIG_INVALID');
}
