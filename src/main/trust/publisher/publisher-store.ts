import { join } from 'node:path';

import type { Logger } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';
import { openTrustStore } from '../tuf/store/trust-store.ts';

/**
 * Opens what the publisher's lock remembers: indexes and proofs of key sets, named by app. It lies beside the lineages of
 * roots and not in one of them, because a build that embeds another root begins a lineage of its own, and an index that
 * was replaced before must not come back with it.
 * @param directory the directory of the trust store
 */
export function openPublisherStore(directory: string, logger: Logger): TrustStore {
  return openTrustStore(() => Promise.resolve(join(directory, 'publisher')), logger);
}
