import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { type PublishSessionOptions, withPublishSession } from '../session/publish-session.ts';
import { queryOf, readStanding, type Standing } from '../session/standing.ts';
import type { IndexEnvelope } from './prepared-release.ts';
import {
  assertEnoughSignatures,
  describeIndex,
  encodeIndex,
  type PublishedIndex,
  storeIndexes,
} from './publish-indexes.ts';
import { giveWay, type IndexDraft, registerDrafts } from './register-drafts.ts';

/**
 * Publishes prepared indexes that enough keys have signed. Running it again changes nothing.
 * @throws UpdateError `PUBLISH_KEY` when signatures are missing, `PUBLISH_CONFLICT` when another publisher has changed an
 * index since it was prepared
 */
export async function publishPrepared(
  options: PublishSessionOptions,
  envelopes: readonly IndexEnvelope[],
): Promise<readonly PublishedIndex[]> {
  for (const envelope of envelopes) assertEnoughSignatures(envelope, options.config);
  return withPublishSession(options, async (session) => {
    const drafts: IndexDraft[] = [];
    for (const envelope of envelopes) {
      const { index } = envelope;
      const [standing, signed] = [await readStanding(session, queryOf(index)), encodeIndex(envelope)];
      if (standing.isSettled && standing.listed === signed.sha256) {
        await storeIndexes(session, [signed]);
        await session.view.releaseIndex(queryOf(index));
      } else if (standing.tip?.payload === signed.payload || follows(index, standing)) {
        drafts.push({ standing, signed });
      } else throw overtaken(index, standing.tip?.index.revision ?? 0);
    }
    const verdicts = drafts.length === 0 ? [] : await registerDrafts(session, drafts);
    for (const [at, { signed, standing }] of drafts.entries()) {
      const verdict = verdicts?.[at];
      if (verdict?.type === 'won') continue;
      await giveWay(
        session,
        drafts.map(({ standing: { query } }) => query),
      );
      if (verdict?.type !== 'overlaid') {
        throw overtaken(signed.index, verdict?.tip.index.revision ?? standing.nextRevision);
      }
    }
    const registered = new Set(drafts.map(({ signed }) => signed.index));
    return envelopes.map(({ index }) => describeIndex(index, registered.has(index), []));
  });
}

/** Whether the index was prepared as the successor of the current one. */
function follows({ revision, previous }: ReleaseIndex, { tip, nextRevision }: Standing): boolean {
  return revision === nextRevision && (previous === undefined || previous === tip?.payload);
}

function overtaken(index: ReleaseIndex, current: number): UpdateError {
  return new UpdateError(
    'PUBLISH_CONFLICT',
    `Revision ${index.revision} of ${index.channel} ${formatPlatformTarget(index)} was prepared, but another publisher made revision ${current} since. Prepare the release again with "electron-tuf publish --prepare", and have it signed.`,
    { details: { prepared: index.revision, current } },
  );
}
