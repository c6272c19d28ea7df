import type { AuthInfo } from '../main/electron/updater-session.ts';
import type { CancellationToken } from './cancellation.ts';
import type { ProgressInfo, UpdateDownloadedEvent, UpdateInfo } from './payloads.ts';

/** electron-log, winston, console. electron-updater requires less than this package's `Logger`. */
export interface Logger {
  info(message?: unknown): void;
  warn(message?: unknown): void;
  error(message?: unknown): void;
  debug?(message: string): void;
}

export interface UpdateCheckResult {
  readonly isUpdateAvailable: boolean;
  readonly updateInfo: UpdateInfo;
  /** With `autoDownload`. Resolves to the path of the downloaded file. */
  readonly downloadPromise?: Promise<string[]> | null;
  readonly cancellationToken?: CancellationToken;
  /** @deprecated as in electron-updater */
  readonly versionInfo: UpdateInfo;
}

export interface DownloadNotification {
  title: string;
  body: string;
}

/** The function that answers a proxy. The request fails without a user name. */
export type LoginCallback = (username?: string, password?: string) => void;
export type LoginHandler = (authInfo: AuthInfo, callback: LoginCallback) => void;

/** An app's own decision about a release. It can hold a release back, but not bring one forward. */
export type VerifyUpdateSupport = (updateInfo: UpdateInfo) => boolean | Promise<boolean>;
export type VerifyUpdateCodeSignature = (publisherName: string[], path: string) => Promise<string | null>;

/** The events, with electron-updater's arguments. */
export interface AppUpdaterEvents {
  error: [error: Error, message?: string];
  login: [info: AuthInfo, callback: LoginCallback];
  'checking-for-update': [];
  'update-not-available': [info: UpdateInfo];
  'update-available': [info: UpdateInfo];
  'update-downloaded': [event: UpdateDownloadedEvent];
  'download-progress': [info: ProgressInfo];
  'update-cancelled': [info: UpdateInfo];
  /** Never emitted: an AppImage keeps its name. */
  'appimage-filename-updated': [path: string];
}
export type UpdaterEvents = Exclude<keyof AppUpdaterEvents, 'appimage-filename-updated'>;

/**
 * electron-updater's feed: an address, or any provider's options. Addresses come from `update.json`. Only `channel` is taken
 * over, and `requestHeaders` in a constructor.
 */
export type FeedOptions = string | object;
