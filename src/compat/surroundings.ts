import type { OutgoingHttpHeaders } from 'node:http';

import type { Session } from '../main/electron/updater-session.ts';
import type { Updater } from '../main/manager/updater.ts';
import type { InstallAt } from '../shared/state.ts';
import type { DownloadNotification, Logger, LoginHandler } from './types.ts';

/** What the updater asks the app's settings while it runs: properties may be set at any time. */
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

/** What an {@link AppUpdater} needs of the process it is in. Electron's are in index.ts. */
export interface Surroundings {
  /** Called on first use. @throws UpdateError when there is no updater to be had, as without `update.json` */
  readonly open: (wishes: Wishes) => Updater;
  readonly appName: () => string;
  /** The installed version. */
  readonly version: () => string;
  readonly isPackaged: () => boolean;
  /** Shows a notification of the system. */
  readonly notify: (notification: DownloadNotification) => void;
  /** Tells who listens to Electron's own `autoUpdater` that windows may close now. */
  readonly announceQuit: () => void;
  readonly netSession: () => Session;
}
