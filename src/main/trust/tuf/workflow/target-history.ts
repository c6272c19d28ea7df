import { UpdateError } from '../../../../shared/errors.ts';
import { limits } from '../metadata/limits.ts';
import type { Root, Targets } from '../metadata/roles.ts';
import { verifyTargets } from '../verify/verify-metadata.ts';
import type { SignedTarget } from './create-trusted-target.ts';
import { findTarget, listedTarget } from './find-target.ts';
import type { Delegator, TrustedMetadata } from './refresh.ts';

/** How one version of a role lists a target. */
export interface SignedListing {
  readonly role: string;
  readonly version: number;
  /** `undefined` if this version does not list it. */
  readonly signed: SignedTarget | undefined;
}

/** @returns `undefined` for a file that the repository does not have */
type FetchRole = (file: string, maxBytes: number) => Promise<Uint8Array | undefined>;

/**
 * How the role that currently lists a target listed it in each version, newest first. Earlier versions are verified
 * with today's keys, whatever their expiry. They show in which order the repository signed, and nothing is installed
 * from them. Ends early at a version that is missing or signed with other keys.
 * @throws UpdateError `TRUST_…`
 */
export async function* targetHistory(
  metadata: TrustedMetadata,
  path: string,
  fetch: FetchRole,
): AsyncGenerator<SignedListing, void, undefined> {
  const found = await findTarget(metadata, path);
  const current = found && metadata.snapshot.meta.get(`${found.role}.json`)?.version;
  if (found === undefined || current === undefined) return;
  const { role, delegator, signed } = found;
  yield { role, version: current, signed };
  if (!metadata.root.consistentSnapshot) return;
  for (let version = current - 1; version > 0; version -= 1) {
    const targets = await olderVersion(metadata.root, role, version, delegator, fetch);
    if (targets === undefined) return;
    yield { role, version, signed: listedTarget(targets, path, role) };
  }
}

async function olderVersion(
  root: Root,
  role: string,
  version: number,
  delegator: Delegator,
  fetch: FetchRole,
): Promise<Targets | undefined> {
  const bytes = await fetch(`${version}.${encodeURIComponent(role)}.json`, limits.targets.bytes);
  if (bytes === undefined) return undefined;
  try {
    return await verifyTargets(root, bytes, role, { version, length: undefined, hashes: undefined }, delegator);
  } catch (error) {
    if (error instanceof UpdateError && error.code === 'TRUST_UNSIGNED') return undefined;
    throw error;
  }
}
