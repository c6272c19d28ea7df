import { verify } from 'node:crypto';
import { promisify } from 'node:util';

import { UpdateError, textOf } from '../../../../shared/errors.ts';
import { type Envelope, malformed, truncateName } from '../metadata/parse-envelope.ts';
import { encodeCanonicalJson } from './canonical-json.ts';
import { createYieldTimer } from '../metadata/cooperative-yield.ts';
import type { RoleKeys } from '../metadata/role-keys.ts';
import { keyFingerprint, type RawKey, type VerificationKey, toVerificationKey } from '../metadata/verification-key.ts';

/** Runs in a thread of Node's pool, because hashing a large role takes a while. */
const verifyInPool = promisify(verify);

/**
 * Checks that a threshold of a role's keys signed (spec 5.3.4, 5.4.2, 5.5.3, 5.6.3). A key counts once, even if it is
 * listed under two key ids.
 * @throws UpdateError `TRUST_UNSIGNED`, `TRUST_MALFORMED` for metadata without a canonical form
 */
export async function assertThreshold(
  envelope: Envelope,
  role: string,
  signers: RoleKeys,
  keys: ReadonlyMap<string, RawKey>,
): Promise<void> {
  const candidates = candidatesOf(envelope, signers, keys);
  const enough = new Set(candidates.map(({ fingerprint }) => fingerprint)).size >= signers.threshold;
  const signed = new Set<string>();
  const bytes = enough ? await canonical(envelope, role) : Buffer.alloc(0);
  for (const { key, fingerprint, sig } of enough ? candidates : []) {
    if (signed.has(fingerprint) || signed.size >= signers.threshold) continue;
    if (await isSignedWith(key, bytes, sig)) signed.add(fingerprint);
  }
  if (signed.size >= signers.threshold) return;
  throw new UpdateError(
    'TRUST_UNSIGNED',
    `The ${truncateName(role)} metadata is signed by ${signed.size} trusted keys; ${signers.threshold} must sign. Nothing was changed. If this lasts, tell the app's publisher.`,
    {
      details: { role: truncateName(role), signers: signed.size, threshold: signers.threshold, ...versionOf(envelope) },
    },
  );
}

interface Candidate {
  readonly key: VerificationKey;
  /** Whichever encoding of it is listed, a key has the same fingerprint. */
  readonly fingerprint: string;
  readonly sig: Buffer;
}

/** The signatures that name a key of the role. */
function candidatesOf(
  { signatures }: Envelope,
  { keyids }: RoleKeys,
  keys: ReadonlyMap<string, RawKey>,
): readonly Candidate[] {
  return signatures.flatMap(({ keyid, sig }) => {
    const rawKey = keyids.includes(keyid) ? keys.get(keyid) : undefined;
    const key = rawKey && toVerificationKey(rawKey);
    if (key === undefined || !isHex(sig)) return [];
    return [{ key, fingerprint: keyFingerprint(key), sig: Buffer.from(sig, 'hex') }];
  });
}

async function canonical({ signed }: Envelope, role: string): Promise<Buffer> {
  try {
    return await encodeCanonicalJson(signed, createYieldTimer());
  } catch (error) {
    throw malformed(role, textOf(error), error);
  }
}

/** A signature that the library cannot parse does not count. */
async function isSignedWith(key: VerificationKey, bytes: Buffer, sig: Buffer): Promise<boolean> {
  try {
    return await verifyInPool(key.hashAlgorithm, bytes, key, sig);
  } catch {
    return false;
  }
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && /^[0-9a-fA-F]{2,2048}$/.test(text);
}

function versionOf({ signed }: Envelope): { readonly version?: number } {
  return typeof signed['version'] === 'number' ? { version: signed['version'] } : {};
}
