import type { EventEmitter } from 'node:events';

import type { ProgressInfo, UpdateDownloadedEvent, UpdateInfo } from './payloads.ts';
import type { AppUpdaterEvents, LoginHandler } from './types.ts';

/** Names of events as constants, as electron-updater exports them. */
export const DOWNLOAD_PROGRESS = 'download-progress';
export const UPDATE_DOWNLOADED = 'update-downloaded';

/** Typed listeners, as in electron-updater. */
export class UpdaterSignal {
  readonly #events: EventEmitter<AppUpdaterEvents>;

  constructor(events: EventEmitter<AppUpdaterEvents>) {
    this.#events = events;
  }

  login(handler: LoginHandler): void {
    this.#events.on('login', handler);
  }
  progress(handler: (info: ProgressInfo) => void): void {
    this.#events.on(DOWNLOAD_PROGRESS, handler);
  }
  updateDownloaded(handler: (info: UpdateDownloadedEvent) => void): void {
    this.#events.on(UPDATE_DOWNLOADED, handler);
  }
  updateCancelled(handler: (info: UpdateInfo) => void): void {
    this.#events.on('update-cancelled', handler);
  }
}
