import { EventEmitter } from 'node:events';

/** What `downloadUpdate` needs of a token; electron-updater's own fit, too. */
export interface CancelSignal {
  readonly cancelled: boolean;
  once(event: 'cancel', listener: () => void): unknown;
}

/** Cancels a download, as electron-updater's class of that name does. */
export class CancellationToken implements CancelSignal {
  readonly #events = new EventEmitter();
  #cancelled = false;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#events.emit('cancel');
  }

  once(event: 'cancel', listener: () => void): this {
    this.#events.once(event, listener);
    return this;
  }

  dispose(): void {
    this.#events.removeAllListeners();
  }
}
