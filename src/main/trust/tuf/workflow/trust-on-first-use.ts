import { readdir } from 'node:fs/promises';

import { UpdateError } from '../../../../shared/errors.ts';
import { displayUrl } from '../../../http/secure-url.ts';
import type { Logger } from '../../../ports.ts';
import type { TrustStore } from '../../contract.ts';
import type { IdentityVerifier } from '../../sigstore/identity-verifier.ts';
import { limits } from '../metadata/limits.ts';
import { verifyAnchor } from '../verify/verify-metadata.ts';

export interface FirstUseOptions {
  readonly store: TrustStore;
  readonly identities: IdentityVerifier;
  /** The store's directory. */
  readonly place: string;
  readonly again: boolean;
  readonly metadataUrl: string;
  readonly logger: Logger;
  /** Fetches `1.root.json`. */
  readonly fetch: () => Promise<Uint8Array | undefined>;
}

/** Two copies, so that one damaged file does not lose the pin. */
const pins = ['anchor.json', 'anchor.copy.json'];

/**
 * The root that was pinned at first use. At first use, pins the repository's first root permanently.
 * @throws UpdateError `TRUST_ROOT_INVALID` if a root was pinned and is lost, because trusting another one needs consent
 */
export async function pinnedRoot(options: FirstUseOptions): Promise<Uint8Array> {
  const { store, identities, place, again, metadataUrl, logger } = options;
  // Checked before the pins are read, because another process may be pinning and its pins are the first files there.
  const wasUsed = await hasFiles(place);
  const pinned = await readPin(store, identities);
  if (pinned !== undefined) return pinned;
  if (wasUsed && !again) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `The root that was trusted at first use of ${displayUrl(metadataUrl)} is lost. Get root.json from the publisher. If you trust what the repository serves now, you can remove ${place} and try again instead.`,
    );
  }
  const bytes = await options.fetch();
  if (bytes === undefined) {
    throw new UpdateError(
      'TRUST_SERVER',
      'The repository has no 1.root.json. Check its address, or provide a root.json.',
    );
  }
  await verifyAnchor(bytes, identities);
  return store.withLock(async () => {
    const concurrent = await readPin(store, identities);
    if (concurrent !== undefined) return concurrent;
    logger.warn(
      `trust on first use: the root of ${displayUrl(metadataUrl)} is now trusted without having been checked`,
    );
    for (const name of pins) await store.write(name, bytes);
    return bytes;
  });
}

/** The pinned root, from whichever copy is intact. Repairs the other copy. */
async function readPin(store: TrustStore, identities: IdentityVerifier): Promise<Uint8Array | undefined> {
  const copies = await Promise.all(pins.map((name) => store.read(name, limits.root.bytes)));
  for (const pinned of copies) {
    if (pinned === undefined || !(await isRoot(pinned, identities))) continue;
    for (const [at, name] of pins.entries()) {
      if (!Buffer.from(pinned).equals(copies[at] ?? Buffer.alloc(0))) await store.write(name, pinned);
    }
    return pinned;
  }
  return undefined;
}

async function isRoot(bytes: Uint8Array, identities: IdentityVerifier): Promise<boolean> {
  try {
    await verifyAnchor(bytes, identities);
    return true;
  } catch (error) {
    if (error instanceof UpdateError) return false;
    throw error;
  }
}

/** The lock file alone does not count. */
async function hasFiles(place: string): Promise<boolean> {
  const names = await readdir(place).catch((): string[] => []);
  return names.some((name) => name.endsWith('.json'));
}
