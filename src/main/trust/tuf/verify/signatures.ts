import { verify } from 'node:crypto';
import { promisify } from 'node:util';

import { UpdateError, textOf } from '../../../../shared/errors.ts';
import type { IdentityVerifier } from '../../sigstore/identity-verifier.ts';
import { type Envelope, malformed, type MetadataSignature, truncateName } from '../metadata/parse-envelope.ts';
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
  accepted: AcceptedKeys,
): Promise<void> {
  const candidates = candidatesOf(envelope, signers, accepted);
  const enough = new Set(candidates.map(({ fingerprint }) => fingerprint)).size >= signers.threshold;
  const signed = new Set<string>();
  const bytes = enough ? await canonical(envelope, role) : Buffer.alloc(0);
  for (const { fingerprint, isSigned } of enough ? candidates : []) {
    if (signed.has(fingerprint) || signed.size >= signers.threshold) continue;
    if (await isSigned(bytes)) signed.add(fingerprint);
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

/** Keys by key id, and the verifier for the Sigstore identities among them. */
export interface AcceptedKeys {
  readonly keys: ReadonlyMap<string, RawKey>;
  /** Without it no identity counts. */
  readonly identities?: IdentityVerifier | undefined;
}

/** A signature that names a key of the role. */
interface Candidate {
  /** Whichever encoding of it is listed, a key has the same fingerprint. */
  readonly fingerprint: string;
  readonly isSigned: (bytes: Buffer) => Promise<boolean>;
}

/** Identities come last: where the other keys reach the threshold, nothing of Sigstore is loaded. */
function candidatesOf({ signatures }: Envelope, { keyids }: RoleKeys, accepted: AcceptedKeys): readonly Candidate[] {
  const named = signatures.flatMap((signature) => {
    const rawKey = keyids.includes(signature.keyid) ? accepted.keys.get(signature.keyid) : undefined;
    return rawKey === undefined ? [] : [{ rawKey, signature }];
  });
  return [
    ...named.flatMap(({ rawKey, signature }) => keyCandidate(rawKey, signature) ?? []),
    ...named.flatMap(({ rawKey, signature }) => identityCandidate(rawKey, signature, accepted.identities) ?? []),
  ];
}

function keyCandidate(rawKey: RawKey, { sig }: MetadataSignature): Candidate | undefined {
  const key = toVerificationKey(rawKey);
  if (key === undefined || !isHex(sig)) return undefined;
  const signature = Buffer.from(sig, 'hex');
  return { fingerprint: keyFingerprint(key), isSigned: (bytes) => isSignedWith(key, bytes, signature) };
}

/** TAP 18 and securesystemslib: a Sigstore identity in the place of a key. */
function identityCandidate(
  { type, scheme, holder }: RawKey,
  { sig, bundle }: MetadataSignature,
  identities: IdentityVerifier | undefined,
): Candidate | undefined {
  if (type !== 'sigstore-oidc' || scheme !== 'Fulcio' || holder === undefined || identities === undefined)
    return undefined;
  return {
    fingerprint: JSON.stringify([holder.issuer, holder.identity]),
    isSigned: (bytes) => identities.isSignedBy(holder, { sig, bundle }, bytes),
  };
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
