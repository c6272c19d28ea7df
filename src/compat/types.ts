import type { AuthInfo } from '../main/electron/updater-session.ts';
import type { CancellationToken } from './cancellation.ts';
import type { ProgressInfo, UpdateDownloadedEvent, UpdateInfo } from './payloads.ts';

/** electron-log, winston, console: electron-updater asks for less than this package's `Logger` does. */
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

/** The function that answers a proxy; without a name the request fails. */
export type LoginCallback = (username?: string, password?: string) => void;
export type LoginHandler = (authInfo: AuthInfo, callback: LoginCallback) => void;

/** An app's own decision about a release. It may hold a release back, never bring one forward. */
export type VerifyUpdateSupport = (updateInfo: UpdateInfo) => boolean | Promise<boolean>;
export type VerifyUpdateCodeSignature = (publisherName: string[], path: string) => Promise<string | null>;

/** The events, with the arguments of electron-updater's. */
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
 * What electron-updater takes as a feed: an address, or a provider's options, whatever they are. Addresses come from
 * `update.json`; what is taken over is `channel`, and of a constructor `requestHeaders`.
 */
export type FeedOptions = string | object;
