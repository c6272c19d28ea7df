import { appName, notify } from '../main/electron/notify.ts';
import { createUpdater } from '../main/index.ts';
import { createAutoUpdater } from './auto-updater.ts';
import { loggerOver } from './logger.ts';
import type { AutoUpdater } from './types.ts';

export { CancellationToken, type CancelSignal } from './cancellation.ts';
export type { ProgressInfo, UpdateDownloadedEvent, UpdateFileInfo, UpdateInfo } from './payloads.ts';
export type {
  AutoUpdater,
  AutoUpdaterApi,
  AutoUpdaterEvents,
  CompatLogger,
  DownloadNotification,
  UpdateCheckResult,
  UpdaterSignals,
} from './types.ts';
export { UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../shared/errors.ts';

/**
 * electron-updater's `autoUpdater`, over this package's updater: change the import, and the rest stays. See
 * docs/migrate-from-electron-updater.md for what differs. It is opened with its first call; set properties before.
 */
export const autoUpdater: AutoUpdater = createAutoUpdater({
  open: ({ forceInDevelopment, logger }) =>
    createUpdater({ forceInDevelopment, logger: loggerOver(logger), installAt: 'now' }),
  notify,
  appName,
});
