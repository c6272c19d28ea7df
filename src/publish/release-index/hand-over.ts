import { isDeepStrictEqual } from 'node:util';

import { UpdateError } from '../../shared/errors.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';

/** The publisher keys that an index names. */
export type IndexKeys = Pick<ReleaseIndex, 'publisher' | 'formerPublishers'>;

/** Every key set that must sign an index, each revision once: the embedded one, and those that the index names. Pure. */
export function signingSets(embedded: PublisherKeySet, keys: IndexKeys): readonly PublisherKeySet[] {
  const { publisher, formerPublishers = [] } = keys;
  return byRevision([...formerPublishers, ...(publisher === undefined ? [] : [publisher]), embedded]);
}

/** The newest set that is in force. Pure. */
export function currentSet(embedded: PublisherKeySet, { publisher }: IndexKeys): PublisherKeySet {
  return publisher !== undefined && publisher.revision > embedded.revision ? publisher : embedded;
}

/**
 * The keys of an index that hands over to `next`: the sets before it go on signing, so that builds which embed one of them
 * can follow, however long they were switched off. Pure.
 * @throws UpdateError `PUBLISH_KEY` when `next` is not newer than the set in force
 */
export function handOver(embedded: PublisherKeySet, keys: IndexKeys, next: PublisherKeySet): Required<IndexKeys> {
  const current = currentSet(embedded, keys);
  if (isDeepStrictEqual(current, next)) {
    const former = signingSets(embedded, keys).filter(({ revision }) => revision < next.revision);
    return { publisher: next, formerPublishers: former };
  }
  if (next.revision <= current.revision) {
    throw new UpdateError(
      'PUBLISH_KEY',
      `The new set of publisher keys has revision ${next.revision}, and set ${current.revision} is in force: installed apps would ignore it. Hand over with "electron-tuf rotate-key", which counts revisions.`,
      { details: { current: current.revision, next: next.revision } },
    );
  }
  return { publisher: next, formerPublishers: signingSets(embedded, keys) };
}

/** The keys of an index as fields of it. */
export function keyFields({ publisher, formerPublishers }: IndexKeys): IndexKeys {
  const former = formerPublishers === undefined || formerPublishers.length === 0 ? undefined : formerPublishers;
  return omitUndefined({ publisher, formerPublishers: former });
}

function byRevision(sets: readonly PublisherKeySet[]): readonly PublisherKeySet[] {
  const unique = new Map(sets.map((set) => [set.revision, set]));
  return [...unique.values()].toSorted((a, b) => a.revision - b.revision);
}
