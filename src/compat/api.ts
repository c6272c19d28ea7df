import { announceQuit, appName, appVersion, isPackaged, notify } from '../main/electron/app-calls.ts';
import { updaterSession } from '../main/electron/updater-session.ts';
import { createUpdater, type Updater } from '../main/index.ts';
import type { AppUpdater as AnyUpdater } from './app-updater.ts';
import { type AppUpdaterConstructor, bindAppUpdater } from './bind.ts';
import { loggerOver } from './logger.ts';
import type { Wishes } from './surroundings.ts';

export type { AppUpdaterConstructor } from './bind.ts';
export { CancellationToken, type CancelSignal } from './cancellation.ts';
export { NoOpLogger } from './logger.ts';
export type { ProgressInfo, ReleaseNoteInfo, UpdateDownloadedEvent, UpdateFileInfo, UpdateInfo } from './payloads.ts';
export { DOWNLOAD_PROGRESS, UPDATE_DOWNLOADED, UpdaterSignal } from './signals.ts';
export type {
  AppUpdaterEvents,
  DownloadNotification,
  FeedOptions,
  Logger,
  LoginCallback,
  LoginHandler,
  UpdateCheckResult,
  UpdaterEvents,
  VerifyUpdateCodeSignature,
  VerifyUpdateSupport,
} from './types.ts';
export { UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../shared/errors.ts';

let opened: Updater | undefined;

/** An app has one updater, however many objects of electron-updater's classes it creates. */
function open(wishes: Wishes): Updater {
  if (opened !== undefined) {
    wishes.logger().warn('This app already has an updater. Its settings apply, and both objects emit its events.');
    return opened;
  }
  const { forceInDevelopment, login, logger, ...asked } = wishes;
  opened = createUpdater({ ...asked, forceInDevelopment, onProxyLogin: login, logger: loggerOver(logger) });
  return opened;
}

/** The class behind all of electron-updater's class names. Its `updater` handles the differences between platforms. */
export const AppUpdater: AppUpdaterConstructor = bindAppUpdater({
  open,
  appName,
  version: appVersion,
  isPackaged,
  notify,
  announceQuit,
  netSession: updaterSession,
});
export type AppUpdater = AnyUpdater;
export {
  AppUpdater as AppImageUpdater,
  AppUpdater as BaseUpdater,
  AppUpdater as DebUpdater,
  AppUpdater as MacUpdater,
  AppUpdater as NsisUpdater,
  AppUpdater as PacmanUpdater,
  AppUpdater as RpmUpdater,
};

/**
 * electron-updater's `autoUpdater`, implemented with this package's updater. Change the import, and the rest of the code
 * stays. docs/migrate-from-electron-updater.md lists the differences. The first call opens the updater; set properties before.
 */
export const autoUpdater: AppUpdater = new AppUpdater();
