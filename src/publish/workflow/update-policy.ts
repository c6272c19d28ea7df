import { UpdateError } from '../../shared/errors.ts';
import { changePolicy } from '../release-index/merge-release.ts';
import type { ReleasePolicy } from '../release-index/release-policy.ts';
import { allQueries, withPublishSession } from '../session/publish-session.ts';
import { readStanding } from '../session/standing.ts';
import { type PublishedIndex, type ReleaseOptions, signIndex } from './publish-indexes.ts';
import { type IndexChange, updateIndexes } from './update-indexes.ts';

export interface ChangeOptions extends ReleaseOptions {
  readonly version: string;
  readonly policy: ReleasePolicy;
}

/**
 * Changes the policy of a published version, for example to withdraw it, in every index of the channel that lists it.
 * @throws UpdateError `PUBLISH_INPUT` when no index lists it
 */
export async function updateReleasePolicy(options: ChangeOptions): Promise<readonly PublishedIndex[]> {
  return withPublishSession(options, async (session) => {
    const { version, policy, keys, config } = options;
    const changes: IndexChange[] = [];
    for (const query of allQueries(session)) {
      const { tip } = await readStanding(session, query);
      if (tip?.index.releases.some((release) => release.version === version) !== true) continue;
      changes.push({ query, apply: (previous) => changePolicy(query, previous ?? tip.index, version, policy) });
    }
    if (changes.length === 0) {
      const where = `the channel ${session.channels.join(' or ')} of ${session.app}`;
      throw new UpdateError('PUBLISH_INPUT', `${version} is not published on ${where}.`);
    }
    return updateIndexes(session, changes, (index) => signIndex(index, keys, config));
  });
}
