import { createHash } from 'node:crypto';

import * as v from 'valibot';

/** A publisher's public key in TUF's form (spec 4.2). */
export interface PublisherKey {
  /** SHA-256 of the key's canonical JSON, lower-case hex. A key therefore has only one id. */
  readonly keyid: string;
  readonly keytype: 'ed25519';
  readonly scheme: 'ed25519';
  readonly keyval: { readonly public: string };
}

/** A set of keys, of which `threshold` must sign every release index. */
export interface PublisherKeySet {
  /** Always increases. Clients refuse a set with a lower revision. */
  readonly revision: number;
  readonly threshold: number;
  readonly keys: readonly PublisherKey[];
}

const hex64 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const publisherKeySchema = v.object({
  keyid: hex64,
  keytype: v.literal('ed25519'),
  scheme: v.literal('ed25519'),
  keyval: v.object({ public: hex64 }),
});

export const publisherKeySetSchema: v.GenericSchema<unknown, PublisherKeySet> = v.pipe(
  v.object({
    revision: positive,
    threshold: positive,
    keys: v.pipe(v.array(publisherKeySchema), v.minLength(1), v.maxLength(32)),
  }),
  v.check((set) => set.threshold <= set.keys.length, 'the threshold is higher than the number of keys'),
  v.check(
    (set) => new Set(set.keys.map((key) => key.keyval.public)).size === set.keys.length,
    'the same key is listed twice',
  ),
);

/** The key id of an ed25519 key: SHA-256 of its canonical JSON, as securesystemslib writes it. */
export function keyIdOf(publicHex: string): string {
  const canonical = `{"keytype":"ed25519","keyval":{"public":"${publicHex}"},"scheme":"ed25519"}`;
  return createHash('sha256').update(canonical).digest('hex');
}
