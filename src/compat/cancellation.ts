import { EventEmitter } from 'node:events';

/** The part of a token that `downloadUpdate` uses. electron-updater's own tokens work, too. */
export interface CancelSignal {
  readonly cancelled: boolean;
  once(event: 'cancel', listener: () => void): unknown;
}

/**
 * Cancels a download, like electron-updater's class of the same name. It is an `EventEmitter`, because apps listen to its
 * `cancel` event.
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
