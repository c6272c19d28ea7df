import { readdir } from 'node:fs/promises';

import { UpdateError } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';
import { limits } from './limits.ts';
import { verifyAnchor } from './verify.ts';

export interface FirstUseOptions {
  readonly store: TrustStore;
  /** The store's directory. */
  readonly place: string;
  readonly again: boolean;
  readonly metadataUrl: string;
  readonly logger: Logger;
  /** Gets `1.root.json`. */
  readonly fetch: () => Promise<Uint8Array | undefined>;
}

/** Two copies, so that one damaged file does not cost the pin. */
const pins = ['anchor.json', 'anchor.copy.json'];

/**
 * The root that was pinned at first use; at first use, the repository's first one, pinned for good.
 * @throws UpdateError `TRUST_ROOT_INVALID` when it was pinned and is lost: trusting anew needs consent
 */
export async function firstUseAnchor(options: FirstUseOptions): Promise<Uint8Array> {
  const { store, place, again, metadataUrl, logger } = options;
  for (const name of pins) {
    const pinned = await store.read(name, limits.root.bytes);
    if (pinned === undefined || !(await isRoot(pinned))) continue;
    for (const other of pins) if (other !== name) await repair(store, other, pinned);
    return pinned;
  }
  if (!again && (await hasFiles(place))) {
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `The root that was trusted at first use of ${metadataUrl} is lost. If you trust what the repository shows now, remove ${place} and try again; better, get its root.json from the publisher.`,
    );
  }
  const bytes = await options.fetch();
  if (bytes === undefined) {
    throw new UpdateError('TRUST_SERVER', 'The repository has no 1.root.json. Check its address, or give a root.json.');
  }
  await verifyAnchor(bytes);
  logger.warn(`trust on first use: the root of ${metadataUrl} is trusted from now on, and nobody has checked it`);
  for (const name of pins) await store.write(name, bytes);
  return bytes;
}

async function repair(store: TrustStore, name: string, pinned: Uint8Array): Promise<void> {
  const other = await store.read(name, limits.root.bytes);
  if (other === undefined || !Buffer.from(other).equals(pinned)) await store.write(name, pinned);
}

async function isRoot(bytes: Uint8Array): Promise<boolean> {
  try {
    await verifyAnchor(bytes);
    return true;
  } catch (error) {
    if (error instanceof UpdateError) return false;
    throw error;
  }
}

/** The lock alone says nothing. */
async function hasFiles(place: string): Promise<boolean> {
  const names = await readdir(place).catch((): string[] => []);
  return names.some((name) => name.endsWith('.json'));
}
