import semver from 'semver';

import { omitUndefined } from '../shared/omit-undefined.ts';
import type { ListedRelease, Progress, ReleaseSummary } from '../shared/state.ts';

/** electron-updater's `UpdateFileInfo`. */
export interface UpdateFileInfo {
  /** The file's name. Its location depends on the servers in `update.json`. */
  url: string;
  /** Always empty, because SHA-256 is signed here. */
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

/** electron-updater's description of a release. */
export interface UpdateInfo {
  readonly version: string;
  /** One file, the one for this installation. */
  readonly files: UpdateFileInfo[];
  /** @deprecated the name of the file */
  readonly path: string;
  /** @deprecated always empty */
  readonly sha512: string;
  releaseName?: string | null;
  /** Markdown in English, or else in any available language. A list with `fullChangelog`. */
  releaseNotes?: string | ReleaseNoteInfo[] | null;
  /** ISO 8601. */
  releaseDate: string;
  /** Percent of installations, if the rollout is not complete. */
  readonly stagingPercentage?: number;
  readonly minimumSystemVersion?: string;
}

export interface UpdateDownloadedEvent extends UpdateInfo {
  /** Absolute path, for display only. The file is verified again right before the install. */
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

/** The info about an available release. Pure. */
export function infoOf(release: ReleaseSummary, facts: InfoFacts): UpdateInfo {
  const { version, releasedAt, notes } = release;
  return {
    ...infoOfVersion(version, facts),
    releaseDate: releasedAt,
    releaseNotes: facts.fullChangelog ? changelog(release, facts) : noteOf(notes),
  };
}

/** The info about a version. If the channel no longer lists it, only its number is known. Pure. */
export function infoOfVersion(version: string, { listed }: Pick<InfoFacts, 'listed'>): UpdateInfo {
  const release = listed.find((one) => one.version === version);
  const { name = '', ...rest } = release?.file ?? {};
  return {
    version,
    // Never empty, because apps read the first entry.
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

/** The notes of all versions after the running one up to the release, newest first. */
function changelog({ version, notes }: ReleaseSummary, facts: InfoFacts): ReleaseNoteInfo[] {
  const between = facts.listed.filter(
    (one) => !one.withdrawn && semver.gt(one.version, facts.version) && semver.lt(one.version, version),
  );
  return [{ version, notes }, ...between].map((one) => ({ version: one.version, note: noteOf(one.notes) }));
}

function noteOf(notes: ReleaseSummary['notes']): string | null {
  return notes['en'] ?? Object.values(notes)[0] ?? null;
}

/** @param last the number of bytes in the last event */
export function progressOf({ received, total, bytesPerSecond }: Progress, last: number): ProgressInfo {
  return {
    total,
    delta: received - last,
    transferred: received,
    percent: total === 0 ? 0 : (received / total) * 100,
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}
