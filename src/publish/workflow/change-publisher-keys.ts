import { UpdateError } from '../../shared/errors.ts';
import type { PublisherKey, PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import { nextKeySet } from '../init/update-files.ts';
import { currentSet, handOver, type IndexKeys } from '../release-index/hand-over.ts';
import { changeKeys } from '../release-index/merge-release.ts';
import { allQueries, type PublishSession, withPublishSession } from '../session/publish-session.ts';
import { readStanding } from '../session/standing.ts';
import { type PublishedIndex, type ReleaseOptions, signIndex } from './publish-indexes.ts';
import { type IndexChange, updateIndexes } from './update-indexes.ts';

export interface RotateOptions extends ReleaseOptions {
  /** Every channel of the app: an installed app learns the new keys from its own channel's index. */
  readonly channels: readonly string[];
}

export interface NewKeys {
  readonly keys: readonly PublisherKey[];
  readonly threshold: number;
}

export interface RotationReport {
  /** The set that is now in force. */
  readonly publisher: PublisherKeySet;
  /** Older sets whose keys must still sign. */
  readonly formerPublishers: readonly PublisherKeySet[];
  readonly indexes: readonly PublishedIndex[];
}

/**
 * Hands over to new publisher keys in every release index of the channels. Old and new keys must sign these indexes and
 * all later ones, so that builds which embed the old keys can follow. Running it again finishes interrupted work.
 * @throws UpdateError `PUBLISH_KEY` when signatures are missing
 */
export async function rotateKeys(options: RotateOptions, wanted: NewKeys): Promise<RotationReport> {
  return changeEach(options, (embedded, named) => {
    const newest = named.reduce((set, keys) => currentSet(set, keys), embedded);
    const next = nextKeySet(newest, wanted.keys, wanted.threshold);
    return (keys) => handOver(embedded, keys, next);
  });
}

/**
 * Ends a hand-over: from then on, only the newest keys sign. Builds that have not followed can no longer be updated.
 * @throws UpdateError `PUBLISH_INPUT` when no hand-over is in progress
 */
export async function retireKeys(options: RotateOptions): Promise<RotationReport> {
  return changeEach(options, (embedded, named) => {
    if (!named.some(({ publisher }) => publisher !== undefined && publisher.revision === embedded.revision)) {
      throw new UpdateError(
        'PUBLISH_INPUT',
        `No release index hands over to the keys of this update directory (set ${embedded.revision}). Hand over with "electron-tuf rotate-key --publisher-key …" first.`,
      );
    }
    return () => ({ publisher: embedded, formerPublishers: [] });
  });
}

type ChangeKeys = (keys: IndexKeys) => Required<IndexKeys>;

async function changeEach(
  options: RotateOptions,
  decide: (embedded: PublisherKeySet, named: readonly IndexKeys[]) => ChangeKeys,
): Promise<RotationReport> {
  const { config, channels, keys } = options;
  const { publisher: embedded } = config;
  if (embedded === 'none') {
    throw new UpdateError('PUBLISH_INPUT', 'This app has no publisher keys, so there are none to change.');
  }
  return withPublishSession(options, async (session) => {
    const found = await findIndexes(session, channels);
    const change = decide(
      embedded,
      found.map(({ index }) => index),
    );
    const changes = found.map(({ query, index }): IndexChange => ({
      query,
      apply: (previous = index) => changeKeys(query, previous, change(previous)),
    }));
    const indexes = await updateIndexes(session, changes, (index) => signIndex(index, keys, config));
    const { publisher, formerPublishers } = change(found[0]?.index ?? {});
    return { publisher, formerPublishers, indexes };
  });
}

interface FoundIndex extends Pick<IndexChange, 'query'> {
  readonly index: ReleaseIndex;
}

/** @throws UpdateError `PUBLISH_INPUT` for a channel that has no index */
async function findIndexes(session: PublishSession, channels: readonly string[]): Promise<readonly FoundIndex[]> {
  const found: FoundIndex[] = [];
  for (const channel of channels) {
    const before = found.length;
    for (const query of allQueries({ ...session, channels: [channel] })) {
      const { tip } = await readStanding(session, query);
      if (tip !== undefined) found.push({ query, index: tip.index });
    }
    if (found.length > before) continue;
    throw new UpdateError(
      'PUBLISH_INPUT',
      `The channel ${channel} of ${session.app} has no release index. Check the name.`,
    );
  }
  return found;
}
