import type { OutgoingHttpHeaders } from 'node:http';

import type { Session } from '../main/electron/updater-session.ts';
import type { Updater } from '../main/manager/updater.ts';
import type { InstallAt } from '../shared/state.ts';
import type { DownloadNotification, Logger, LoginHandler } from './types.ts';

/** The app's settings, which the updater reads while it runs, because properties may be set at any time. */
export interface Wishes {
  readonly forceInDevelopment: boolean;
  readonly logger: () => Logger;
  readonly channel: () => string | undefined;
  readonly allowDowngrade: () => boolean;
  readonly installAt: (version: string) => InstallAt;
  readonly deltas: () => boolean;
  readonly requestHeaders: () => OutgoingHttpHeaders;
  readonly login: LoginHandler;
}

/** What an {@link AppUpdater} needs from its process. index.ts provides Electron's. */
export interface Surroundings {
  /** Creates the updater on first use. @throws UpdateError if that is not possible, for example without `update.json` */
  readonly open: (wishes: Wishes) => Updater;
  readonly appName: () => string;
  /** The installed version. */
  readonly version: () => string;
  readonly isPackaged: () => boolean;
  /** Shows a system notification. */
  readonly notify: (notification: DownloadNotification) => void;
  /** Emits the event of Electron's own `autoUpdater` that announces the quit, so that windows may close. */
  readonly announceQuit: () => void;
  readonly netSession: () => Session;
}
