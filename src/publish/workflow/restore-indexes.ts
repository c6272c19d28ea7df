import type { RememberedIndex } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import { digestBytes } from '../../files/hash-file.ts';
import { allQueries, describeIndex, type PublishedIndex } from './publish-build.ts';
import { publishSigned } from './publish-indexes.ts';
import { type PublishSessionOptions, withPublishSession } from '../session/publish-session.ts';
import type { MergedIndex } from '../release-index/merge-release.ts';

/**
 * Puts the newest release indexes that this machine has seen back in their place, as they were signed: after somebody with
 * the online key, or access to the API, registered others or removed them. No key is needed, and no revision changes.
 * @throws UpdateError `PUBLISH_INPUT` when this machine remembers none of the channel
 */
export async function restoreIndexes(options: PublishSessionOptions): Promise<readonly PublishedIndex[]> {
  return withPublishSession(options, async (session) => {
    const { view, channel } = session;
    const indexes: (RememberedIndex & MergedIndex)[] = [];
    for (const query of allQueries(session)) {
      const known = await view.rememberedIndex(query);
      if (known === undefined) continue;
      const listed = await view.target(releaseIndexPath(query.app, query.channel, query.target));
      const changed = listed?.hashes.sha256 !== digestBytes(known.bytes).sha256;
      indexes.push({ ...known, changed, dropped: [] });
    }
    if (indexes.length === 0) {
      throw new UpdateError(
        'PUBLISH_INPUT',
        `This machine remembers no release index of the channel ${channel}. Run the command where the last release was published from.`,
      );
    }
    const lost = indexes.filter(({ changed }) => changed);
    if (lost.length > 0) await publishSigned(session, lost);
    return indexes.map(describeIndex);
  });
}
