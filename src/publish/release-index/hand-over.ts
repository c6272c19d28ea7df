import { isDeepStrictEqual } from 'node:util';

import { UpdateError } from '../../shared/errors.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';

/** The publisher keys that an index names. */
export type IndexKeys = Pick<ReleaseIndex, 'publisher' | 'formerPublishers'>;

/** The key sets that must sign an index, each revision once: the embedded set and the sets that the index names. Pure. */
export function signingSets(embedded: PublisherKeySet, keys: IndexKeys): readonly PublisherKeySet[] {
  const { publisher, formerPublishers = [] } = keys;
  return byRevision([...formerPublishers, ...(publisher === undefined ? [] : [publisher]), embedded]);
}

/** The newest key set. Pure. */
export function currentSet(embedded: PublisherKeySet, { publisher }: IndexKeys): PublisherKeySet {
  return publisher !== undefined && publisher.revision > embedded.revision ? publisher : embedded;
}

/**
 * The keys of an index that hands over to `next`. Earlier sets keep signing, so that builds which embed one of them can
 * follow even after a long time. Pure.
 * @throws UpdateError `PUBLISH_KEY` if `next` is not newer than the set in force
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
      `The new set of publisher keys has revision ${next.revision}, but set ${current.revision} is in force, so installed apps would ignore the new one. Use "electron-tuf rotate-key", which assigns the next revision.`,
      { details: { current: current.revision, next: next.revision } },
    );
  }
  return { publisher: next, formerPublishers: signingSets(embedded, keys) };
}

/** The key fields of an index, without empty ones. */
export function keyFields({ publisher, formerPublishers }: IndexKeys): IndexKeys {
  const former = formerPublishers === undefined || formerPublishers.length === 0 ? undefined : formerPublishers;
  return omitUndefined({ publisher, formerPublishers: former });
}

function byRevision(sets: readonly PublisherKeySet[]): readonly PublisherKeySet[] {
  const unique = new Map(sets.map((set) => [set.revision, set]));
  return [...unique.values()].toSorted((a, b) => a.revision - b.revision);
}
