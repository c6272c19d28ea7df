import { UpdateError } from '../../../shared/errors.ts';
import { formatPlatformTarget } from '../../../shared/platform-target.ts';
import type { ReleaseQuery } from '../../ports.ts';
import type { VerifiedIndex } from './verify-index.ts';

/** The name under which the newest verified index for a query is kept. */
export function indexName({ app, channel, target }: ReleaseQuery): string {
  return `index-${app}-${channel}-${formatPlatformTarget(target)}.json`;
}

/**
 * The revision of an index only grows, and one revision has one content. `seen` verified under the current keys: what
 * lost its keys is forgotten, so that a stolen key that was replaced cannot block an index for ever (the reasoning of
 * TUF spec 5.3.11).
 * @throws UpdateError `TRUST_PUBLISHER_ROLLBACK`
 */
export function assertNotOlder(offered: VerifiedIndex, seen: VerifiedIndex): void {
  const [now, before] = [offered.index.revision, seen.index.revision];
  if (now > before) return;
  const isSame = now === before && Buffer.from(offered.payload).equals(seen.payload);
  if (isSame) return;
  const what =
    now === before
      ? `another content for revision ${now} of the release index than before`
      : `revision ${now} of the release index, but revision ${before} was seen before`;
  throw new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository offers ${what}. Nothing was installed. If this lasts, tell the app's publisher.`,
    { details: { offered: now, seen: before } },
  );
}
