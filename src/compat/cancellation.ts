import { EventEmitter } from 'node:events';

/** What `downloadUpdate` needs of a token; electron-updater's own fit, too. */
export interface CancelSignal {
  readonly cancelled: boolean;
  once(event: 'cancel', listener: () => void): unknown;
}

/**
 * Cancels a download, as electron-updater's class of that name does. An `EventEmitter`, since that one is: apps listen to
 * its `cancel`.
 */
export class CancellationToken extends EventEmitter<{ cancel: [] }> implements CancelSignal {
  #cancelled = false;

  constructor(parent?: CancelSignal) {
    super();
    if (parent?.cancelled === true) this.#cancelled = true;
    else parent?.once('cancel', () => this.cancel());
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.emit('cancel');
  }

  dispose(): void {
    this.removeAllListeners();
  }
}
