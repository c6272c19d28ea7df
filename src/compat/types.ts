import type { EventEmitter } from 'node:events';

import type { SemVer } from 'semver';

import type { Updater } from '../main/manager/updater.ts';
import type { CancellationToken, CancelSignal } from './cancellation.ts';
import type { ProgressInfo, UpdateDownloadedEvent, UpdateInfo } from './payloads.ts';

/** electron-log, winston, console: electron-updater asks for less than {@link Updater} does. */
export interface CompatLogger {
  info(message?: unknown): void;
  warn(message?: unknown): void;
  error(message?: unknown): void;
  debug?(message: string): void;
}

export interface UpdateCheckResult {
  readonly isUpdateAvailable: boolean;
  readonly updateInfo: UpdateInfo;
  /** @deprecated as in electron-updater */
  readonly versionInfo: UpdateInfo;
  /** With `autoDownload`. Resolves to no paths: the file lies in a private directory. */
  readonly downloadPromise?: Promise<string[]> | null;
  readonly cancellationToken?: CancellationToken;
}

export interface DownloadNotification {
  title: string;
  body: string;
}

/** The events, with the arguments of electron-updater's. */
export interface AutoUpdaterEvents {
  error: [error: Error, message?: string];
  'checking-for-update': [];
  'update-not-available': [info: UpdateInfo];
  'update-available': [info: UpdateInfo];
  'update-downloaded': [event: UpdateDownloadedEvent];
  'download-progress': [info: ProgressInfo];
  'update-cancelled': [info: UpdateInfo];
}

export interface UpdaterSignals {
  progress(handler: (info: ProgressInfo) => void): void;
  updateDownloaded(handler: (info: UpdateDownloadedEvent) => void): void;
  updateCancelled(handler: (info: UpdateInfo) => void): void;
}

/** What is electron-updater's and has a meaning here. */
export interface AutoUpdaterApi {
  /** Download what a check finds. @defaultValue true */
  autoDownload: boolean;
  /** Install a downloaded update when the app quits. Looked at when a download ends. @defaultValue true */
  autoInstallOnAppQuit: boolean;
  /**
   * An older version may be installed if that is what the channel has. Each `true` counts for one install. Unlike in
   * electron-updater, setting `channel` does not set it. @defaultValue false
   */
  allowDowngrade: boolean;
  /** Update in development too; set it before the first check. @defaultValue false */
  forceDevUpdateConfig: boolean;
  /** `null` until it is set. `latest` is `stable`. The choice is remembered. */
  channel: string | null;
  /** @defaultValue console */
  logger: CompatLogger | null;
  readonly currentVersion: SemVer;
  readonly signals: UpdaterSignals;
  /** The updater behind it: rollback notices, history, diagnostics, and whatever else electron-updater has not. */
  readonly updater: Updater;
  isUpdaterActive(): boolean;
  /** `null` where updates are off, as in development. */
  checkForUpdates(): Promise<UpdateCheckResult | null>;
  /** Shows a notification of the system once an update was downloaded. */
  checkForUpdatesAndNotify(notification?: DownloadNotification): Promise<UpdateCheckResult | null>;
  downloadUpdate(token?: CancelSignal): Promise<string[]>;
  /** The app is started again in any case; installers run silently where they can. */
  quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void;
  /** Has no effect but a warning: addresses come from `update.json`. */
  setFeedURL(options: unknown): void;
  getFeedURL(): string | null;
  /** Has no effect but a warning: what is signed may be fetched by anybody. */
  addAuthHeader(token: string): void;
}

export type AutoUpdater = EventEmitter<AutoUpdaterEvents> & AutoUpdaterApi;
