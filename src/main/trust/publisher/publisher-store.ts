import { join } from 'node:path';

import type { Logger } from '../../ports.ts';
import type { TrustStore } from '../contract.ts';
import { openTrustStore } from '../tuf/store/trust-store.ts';

/**
 * Opens the store of verified release indexes and key-set proofs, named by app. It is not part of a root's own store: a
 * build that embeds another root starts a new one, and that must not let an older index come back.
 * @param directory the directory of the trust store
 */
export function openPublisherStore(directory: string, logger: Logger): TrustStore {
  return openTrustStore(() => Promise.resolve(join(directory, 'publisher')), logger);
}
