import type { ReleaseQuery } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import {
  allQueries,
  type PublishSession,
  type PublishSessionOptions,
  waitOptions,
  withPublishSession,
} from '../session/publish-session.ts';
import { readStanding, type SignedIndex, signedIndex } from '../session/standing.ts';
import { waitUntilVisible } from '../session/wait-until-visible.ts';
import { describeIndex, type PublishedIndex, registerIndexes, storeIndexes } from './publish-indexes.ts';

interface KnownIndex {
  readonly query: ReleaseQuery;
  readonly known: SignedIndex;
  readonly isLost: boolean;
}

/**
 * Registers the newest release indexes that this machine has seen, after an attacker with the online key or access to the
 * API replaced or removed them. Needs no publisher key and changes no revision, because the indexes are signed already.
 * Valid indexes that another publisher has based on them stay.
 * @throws UpdateError `PUBLISH_INPUT` when this machine has seen no index of the channel
 */
export async function restoreIndexes(options: PublishSessionOptions): Promise<readonly PublishedIndex[]> {
  return withPublishSession(options, async (session) => {
    const { view, channels } = session;
    const indexes: KnownIndex[] = [];
    for (const query of allQueries(session)) {
      const remembered = await view.rememberedIndex(query);
      if (remembered === undefined) continue;
      const standing = await standingOf(session, query);
      const known = standing?.tip ?? signedIndex(remembered.index, remembered.bytes);
      indexes.push({ query, known, isLost: standing?.isSettled !== true });
    }
    if (indexes.length === 0) {
      throw new UpdateError(
        'PUBLISH_INPUT',
        `This machine remembers no release index of the channel ${channels.join(' or ')}. Run the command where the last release was published from.`,
      );
    }
    await putBack(
      session,
      indexes.filter(({ isLost }) => isLost),
    );
    return indexes.map(({ known, isLost }) => describeIndex(known.index, isLost, []));
  });
}

/** `undefined` when the publisher did not sign the listed index, or when this machine has seen a newer one. */
async function standingOf(
  session: PublishSession,
  query: ReleaseQuery,
): Promise<Awaited<ReturnType<typeof readStanding>> | undefined> {
  try {
    return await readStanding(session, query);
  } catch (error) {
    if (error instanceof UpdateError && /^TRUST_(PUBLISHER|INDEX)_/.test(error.code)) return undefined;
    throw error;
  }
}

async function putBack(session: PublishSession, lost: readonly KnownIndex[]): Promise<void> {
  if (lost.length === 0) return;
  const indexes = lost.map(({ known }) => known);
  await storeIndexes(session, indexes);
  await registerIndexes(session, indexes);
  const { view } = session;
  await waitUntilVisible(
    view,
    async () => {
      for (const { query, known } of lost) {
        const seen = await view.releaseIndex(query);
        if (seen?.revision === known.index.revision) continue;
        throw new UpdateError(
          'TRUST_TARGET_UNKNOWN',
          `Revision ${known.index.revision} of the release index is not there yet.`,
        );
      }
    },
    waitOptions(session),
  );
}
