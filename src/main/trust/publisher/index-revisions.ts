import { UpdateError } from '../../../shared/errors.ts';
import { formatPlatformTarget } from '../../../shared/platform-target.ts';
import type { ReleaseQuery } from '../../ports.ts';
import type { VerifiedIndex } from './verify-index.ts';

/** The file name under which the store keeps the newest verified index for a query. */
export function indexName({ app, channel, target }: ReleaseQuery): string {
  return `index-${app}-${channel}-${formatPlatformTarget(target)}.json`;
}

/**
 * Checks that the revision of an index never decreases, and that a revision never changes its content. `seen` must have
 * been verified with the current keys: an index signed only by keys that were replaced does not count. Otherwise, the
 * holder of a stolen key could block updates permanently with a very high revision, even after the key was replaced (as
 * TUF spec 5.3.11 explains for versions).
 * @throws UpdateError `TRUST_PUBLISHER_ROLLBACK`
 */
export function assertNotOlder(offered: VerifiedIndex, seen: VerifiedIndex): void {
  const [now, before] = [offered.index.revision, seen.index.revision];
  if (now > before) return;
  const isSame = now === before && Buffer.from(offered.payload).equals(seen.payload);
  if (isSame) return;
  const what =
    now === before
      ? `revision ${now} of the release index with other content than before`
      : `revision ${now} of the release index, but revision ${before} was seen before`;
  throw new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository offers ${what}. Nothing was installed. If this lasts, tell the app's publisher.`,
    { details: { offered: now, seen: before } },
  );
}
