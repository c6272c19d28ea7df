import semver from 'semver';

import { omitUndefined } from '../shared/omit-undefined.ts';
import type { ListedRelease, Progress, ReleaseSummary } from '../shared/state.ts';

/** What electron-updater calls `UpdateFileInfo`. */
export interface UpdateFileInfo {
  /** The file's name. Where it lies is up to the servers of `update.json`. */
  url: string;
  /** Always empty: what is signed here is SHA-256. */
  readonly sha512: string;
  /** Lower-case hex. */
  readonly sha256?: string;
  /** Bytes. */
  size?: number;
}

/** A release of `fullChangelog`. */
export interface ReleaseNoteInfo {
  readonly version: string;
  readonly note: string | null;
}

/** What electron-updater tells of a release. */
export interface UpdateInfo {
  readonly version: string;
  /** One file, the one for this installation. */
  readonly files: UpdateFileInfo[];
  /** @deprecated the name of the file */
  readonly path: string;
  /** @deprecated always empty */
  readonly sha512: string;
  releaseName?: string | null;
  /** Markdown in English where there is some, else in whatever language there is; a list with `fullChangelog`. */
  releaseNotes?: string | ReleaseNoteInfo[] | null;
  /** ISO 8601. */
  releaseDate: string;
  /** Percent of installations, when it is not for all yet. */
  readonly stagingPercentage?: number;
  readonly minimumSystemVersion?: string;
}

export interface UpdateDownloadedEvent extends UpdateInfo {
  /** Absolute. To look at: it is verified again right before it is installed. */
  downloadedFile: string;
}

export interface ProgressInfo {
  /** Bytes. */
  total: number;
  /** Bytes since the last event. */
  delta: number;
  /** Bytes. */
  transferred: number;
  /** 0 to 100. */
  percent: number;
  bytesPerSecond: number;
}

/** What an info is made from, besides the release itself. */
export interface InfoFacts {
  /** What the last check saw of the channel. */
  readonly listed: readonly ListedRelease[];
  /** The running version. */
  readonly version: string;
  readonly fullChangelog: boolean;
}

/** What is told of an available release. Pure. */
export function infoOf(release: ReleaseSummary, facts: InfoFacts): UpdateInfo {
  const { version, releasedAt, notes } = release;
  return {
    ...infoOfVersion(version, facts),
    releaseDate: releasedAt,
    releaseNotes: facts.fullChangelog ? changelog(release, facts) : noteOf(notes),
  };
}

/** What is told of a version: of the running one, unless the channel still lists it, its number is known. Pure. */
export function infoOfVersion(version: string, { listed }: Pick<InfoFacts, 'listed'>): UpdateInfo {
  const release = listed.find((one) => one.version === version);
  const { name = '', ...rest } = release?.file ?? {};
  return {
    version,
    // Never empty: apps read the first one.
    files: [{ url: name, sha512: '', ...rest }],
    path: name,
    sha512: '',
    releaseDate: release?.releasedAt ?? '',
    ...omitUndefined({
      stagingPercentage: release?.rolloutPercent,
      minimumSystemVersion: release?.minimumSystemVersion,
    }),
  };
}

/** The notes of what comes between the running version and the release, newest first. */
function changelog({ version, notes }: ReleaseSummary, facts: InfoFacts): ReleaseNoteInfo[] {
  const between = facts.listed.filter(
    (one) => !one.withdrawn && semver.gt(one.version, facts.version) && semver.lt(one.version, version),
  );
  return [{ version, notes }, ...between].map((one) => ({ version: one.version, note: noteOf(one.notes) }));
}

function noteOf(notes: ReleaseSummary['notes']): string | null {
  return notes['en'] ?? Object.values(notes)[0] ?? null;
}

/** @param last bytes that the last event told of */
export function progressOf({ received, total, bytesPerSecond }: Progress, last: number): ProgressInfo {
  return {
    total,
    delta: received - last,
    transferred: received,
    percent: total === 0 ? 0 : (received / total) * 100,
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}
