/** A directory that holds updates, relative to the private directory. `.` is the private directory itself. */
export type Place = '.' | 'downloads' | 'staged' | 'previous';

/** A file or directory in one of these places. */
export interface Stored {
  readonly place: Place;
  readonly name: string;
  /** Size in bytes; 0 for a directory. */
  readonly bytes: number;
  /** Time of the last change, in milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface Quota {
  readonly count: number;
  /** Total size in bytes. The newest item may exceed it, so that an app larger than the quota can still be updated. */
  readonly bytes: number;
  /** Milliseconds since the last change. */
  readonly age: number;
}

export interface SweepFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** File name of the staged artifact; `undefined` if nothing is staged. */
  readonly staged: string | undefined;
}

/** What to remove. */
export interface Sweep {
  /** Downloads, named by the finished file. The names of all files of a download start with that name. */
  readonly downloads: readonly string[];
  readonly others: readonly Pick<Stored, 'place' | 'name'>[];
}

const hour = 60 * 60_000;
const day = 24 * hour;
const gigabyte = 1024 ** 3;

/** Interrupted downloads, and finished ones that were never staged. A later download resumes from them. */
export const downloadQuota: Quota = { count: 3, bytes: 2 * gigabyte, age: 30 * day };
/** Artifacts of installed versions: the current version and the one before it. */
export const previousQuota: Quota = { count: 2, bytes: 2 * gigabyte, age: 365 * day };
/** In milliseconds. A crash left any older temporary file. Unknown files among the downloads are removed at the same age. */
export const strayAge: number = day;

/** The content-addressed name of an artifact. The names of all files of its download start with it. */
const artifactName = /^[0-9a-f]{32}\.[A-Za-z]+/;
const temporaryName = /^\..*\.tmp$/;

/**
 * Decides what to remove: what a crash or another program left, downloads and previous artifacts that exceed their quotas,
 * and artifacts in `staged` that the record does not name. Other files in `staged` belong to the staged artifact; without
 * one, everything there goes. Pure.
 */
export function decideSweep(stored: readonly Stored[], { now, staged }: SweepFacts): Sweep {
  const inPlace = (place: Place): readonly Stored[] => stored.filter((one) => one.place === place);
  const isOld = ({ changedAt }: Stored): boolean => now - changedAt > strayAge;
  const isOurs = ({ name }: Stored): boolean => artifactName.test(name);
  const isTemporary = ({ name }: Stored): boolean => temporaryName.test(name);
  // A staged artifact no longer needs its download.
  const { done = [], open = [] } = Object.groupBy(groupDownloads(inPlace('downloads').filter(isOurs)), ({ name }) =>
    name === staged ? 'done' : 'open',
  );
  const others = [
    ...inPlace('.').filter((one) => isTemporary(one) && isOld(one)),
    ...inPlace('downloads').filter((one) => !isOurs(one) && isOld(one)),
    ...inPlace('staged').filter(
      (one) => staged === undefined || isTemporary(one) || (isOurs(one) && one.name !== staged),
    ),
    ...exceedingQuota(inPlace('previous'), previousQuota, now),
  ];
  return {
    downloads: [...done, ...exceedingQuota(open, downloadQuota, now)].map(({ name }) => name),
    others: others.map(({ place, name }) => ({ place, name })),
  };
}

/** Combines the files of each download into one item. */
function groupDownloads(files: readonly Stored[]): readonly Stored[] {
  const groups = Map.groupBy(files, ({ name }) => artifactName.exec(name)?.[0] ?? name);
  return [...groups].map(([name, parts]) => ({
    place: 'downloads',
    name,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    changedAt: Math.max(...parts.map(({ changedAt }) => changedAt)),
  }));
}

/** The items that exceed the quota. The newest items are kept first. */
function exceedingQuota(items: readonly Stored[], { count, bytes, age }: Quota, now: number): readonly Stored[] {
  let sum = 0;
  return items
    .toSorted((a, b) => b.changedAt - a.changedAt || a.name.localeCompare(b.name))
    .filter((item, index) => {
      sum += item.bytes;
      return index >= count || (index > 0 && sum > bytes) || now - item.changedAt > age;
    });
}
