import type { UpdateErrorData } from '../shared/errors.ts';
import type { Progress, ReleaseSummary, UpdateState } from '../shared/state.ts';

/** What electron-updater calls `UpdateFileInfo`. */
export interface UpdateFileInfo {
  url: string;
  readonly sha512: string;
  size?: number;
}

/**
 * What electron-updater tells of a release. Files are always empty here: which bytes are the right ones is decided by
 * what was signed, and an app has nothing to do with it.
 */
export interface UpdateInfo {
  readonly version: string;
  readonly files: UpdateFileInfo[];
  /** @deprecated always empty */
  readonly path: string;
  /** @deprecated always empty */
  readonly sha512: string;
  releaseName?: string | null;
  /** Markdown in English where there is some, else in whatever language there is. */
  releaseNotes?: string | null;
  /** ISO 8601. */
  releaseDate: string;
}

export interface UpdateDownloadedEvent extends UpdateInfo {
  /** Always empty: the file lies in a private directory until it is installed. */
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

/** What an event of electron-updater's is made of. */
export type CompatEvent =
  | { readonly name: 'checking-for-update' }
  | { readonly name: 'update-available'; readonly info: UpdateInfo }
  | { readonly name: 'update-not-available'; readonly info: UpdateInfo }
  | { readonly name: 'download-progress'; readonly progress: ProgressInfo }
  | { readonly name: 'update-downloaded'; readonly info: UpdateDownloadedEvent }
  | { readonly name: 'update-cancelled'; readonly info: UpdateInfo }
  | { readonly name: 'error'; readonly error: UpdateErrorData };

/** The events that electron-updater would emit when a state follows another. Pure. */
export function eventsBetween(before: UpdateState, after: UpdateState, version: string): readonly CompatEvent[] {
  const error = newError(before, after);
  if (error !== undefined) return [{ name: 'error', error }];
  switch (after.type) {
    case 'checking':
      return [{ name: 'checking-for-update' }];
    case 'idle':
      return before.type === 'checking' ? [{ name: 'update-not-available', info: infoOfVersion(version) }] : [];
    case 'available':
      if (before.type === 'checking') return [{ name: 'update-available', info: infoOf(after.release) }];
      return isUnderWay(before) ? [{ name: 'update-cancelled', info: infoOf(after.release) }] : [];
    case 'downloading': {
      const last = 'progress' in before ? before.progress.received : 0;
      if (!isUnderWay(before) || after.progress.received === last) return [];
      return [{ name: 'download-progress', progress: progressOf(after.progress, last) }];
    }
    case 'staged': {
      const info = infoOf(after.release);
      const downloaded: CompatEvent = { name: 'update-downloaded', info: { ...info, downloadedFile: '' } };
      if (before.type === 'verifying' || isUnderWay(before)) return [downloaded];
      // It was downloaded before: electron-updater finds it in its cache and says both.
      return before.type === 'checking' ? [{ name: 'update-available', info }, downloaded] : [];
    }
    default:
      return [];
  }
}

/** What a check says of a release. */
export function infoOf(release: ReleaseSummary): UpdateInfo {
  const { version, releasedAt, notes } = release;
  return {
    ...infoOfVersion(version),
    releaseDate: releasedAt,
    releaseNotes: notes['en'] ?? Object.values(notes)[0] ?? null,
  };
}

/** Nothing newer: of the running version its number is known. */
export function infoOfVersion(version: string): UpdateInfo {
  return { version, files: [], path: '', sha512: '', releaseDate: '' };
}

function progressOf({ received, total, bytesPerSecond }: Progress, last: number): ProgressInfo {
  return {
    total,
    delta: received - last,
    transferred: received,
    percent: total === 0 ? 0 : (received / total) * 100,
    bytesPerSecond: Math.round(bytesPerSecond),
  };
}

/** The error that a state brings, unless it only remembers it. */
function newError(before: UpdateState, after: UpdateState): UpdateErrorData | undefined {
  if (after.type === 'needs-attention') return before.type === 'needs-attention' ? undefined : after.error;
  const error = 'lastError' in after ? after.lastError : undefined;
  const known = 'lastError' in before ? before.lastError : undefined;
  return error === known ? undefined : error;
}

function isUnderWay({ type }: UpdateState): boolean {
  return type === 'downloading' || type === 'paused' || type === 'verifying';
}
