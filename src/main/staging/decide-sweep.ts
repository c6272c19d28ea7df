/** Where updates are kept, below the private directory; `.` is that directory itself. */
export type Place = '.' | 'downloads' | 'staged' | 'previous';

/** A file or directory that is there. */
export interface Stored {
  readonly place: Place;
  readonly name: string;
  /** Bytes of a file; of a directory, nothing. */
  readonly bytes: number;
  /** When it was changed last; milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface Quota {
  readonly count: number;
  /** Of all together. The newest may have more: an app that is larger than this can be updated too. */
  readonly bytes: number;
  /** Milliseconds since the last change. */
  readonly age: number;
}

export interface SweepFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** File name of the artifact that is staged; `undefined` when none is. */
  readonly staged: string | undefined;
}

/** What may go. */
export interface Sweep {
  /** Downloads, by the name of the finished file, which all that belongs to them begins with. */
  readonly downloads: readonly string[];
  readonly others: readonly Pick<Stored, 'place' | 'name'>[];
}

const hour = 60 * 60_000;
const day = 24 * hour;
const gigabyte = 1024 ** 3;

/** Downloads that were interrupted, or finished and never staged. They are continued from where they are. */
export const downloadQuota: Quota = { count: 3, bytes: 2 * gigabyte, age: 30 * day };
/** Artifacts of installed versions: the installed one, and the one before it. */
export const previousQuota: Quota = { count: 2, bytes: 2 * gigabyte, age: 365 * day };
/** A temporary file that is older was left by a crash. So is what is no download of ours. Milliseconds. */
export const strayAge: number = day;

/** The content-addressed name of an artifact; everything of its download begins with it. */
const artifactName = /^[0-9a-f]{32}\.[A-Za-z]+/;
const temporaryName = /^\..*\.tmp$/;

/**
 * Decides what is removed: what a crash or somebody else left, downloads and previous artifacts beyond their quotas, and in
 * `staged` whatever the record does not name. What else stands beside a staged artifact belongs to it. Pure.
 */
export function decideSweep(stored: readonly Stored[], { now, staged }: SweepFacts): Sweep {
  const inPlace = (place: Place): readonly Stored[] => stored.filter((one) => one.place === place);
  const isOld = ({ changedAt }: Stored): boolean => now - changedAt > strayAge;
  const isOurs = ({ name }: Stored): boolean => artifactName.test(name);
  const isTemporary = ({ name }: Stored): boolean => temporaryName.test(name);
  // What is staged needs no download any more.
  const { done = [], open = [] } = Object.groupBy(together(inPlace('downloads').filter(isOurs)), ({ name }) =>
    name === staged ? 'done' : 'open',
  );
  const others = [
    ...inPlace('.').filter((one) => isTemporary(one) && isOld(one)),
    ...inPlace('downloads').filter((one) => !isOurs(one) && isOld(one)),
    ...inPlace('staged').filter(
      (one) => staged === undefined || isTemporary(one) || (isOurs(one) && one.name !== staged),
    ),
    ...beyond(inPlace('previous'), previousQuota, now),
  ];
  return {
    downloads: [...done, ...beyond(open, downloadQuota, now)].map(({ name }) => name),
    others: others.map(({ place, name }) => ({ place, name })),
  };
}

/** The files of a download count as one. */
function together(files: readonly Stored[]): readonly Stored[] {
  const groups = Map.groupBy(files, ({ name }) => artifactName.exec(name)?.[0] ?? name);
  return [...groups].map(([name, parts]) => ({
    place: 'downloads',
    name,
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    changedAt: Math.max(...parts.map(({ changedAt }) => changedAt)),
  }));
}

/** What the quota has no place for, when the newest are kept. */
function beyond(items: readonly Stored[], { count, bytes, age }: Quota, now: number): readonly Stored[] {
  let sum = 0;
  return items
    .toSorted((a, b) => b.changedAt - a.changedAt || a.name.localeCompare(b.name))
    .filter((item, index) => {
      sum += item.bytes;
      return index >= count || (index > 0 && sum > bytes) || now - item.changedAt > age;
    });
}
