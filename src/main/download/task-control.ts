import { UpdateError } from '../../shared/errors.ts';

/** Lets a caller pause, resume and cancel one download. The download obeys it. */
export class TaskControl {
  readonly #cancel = new AbortController();
  #pause = new AbortController();
  #resumed: PromiseWithResolvers<void> | undefined;

  /** Aborts with the {@link UpdateError} that the download fails with. */
  get cancelled(): AbortSignal {
    return this.#cancel.signal;
  }

  pause(): void {
    if (this.#resumed !== undefined || this.#cancel.signal.aborted) return;
    this.#resumed = Promise.withResolvers();
    this.#pause.abort(new UpdateError('CANCELLED', 'The download is paused.'));
  }

  resume(): void {
    this.#pause = new AbortController();
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  cancel(): void {
    this.#cancel.abort(new UpdateError('CANCELLED', 'The download was cancelled. It can be resumed later.'));
    this.resume();
  }

  /** Runs `work` until it ends by itself. Runs it again after each pause. */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    for (;;) {
      await this.#resumed?.promise;
      this.cancelled.throwIfAborted();
      const pause = this.#pause.signal;
      try {
        return await work(AbortSignal.any([this.cancelled, pause]));
      } catch (error) {
        if (error !== pause.reason || this.cancelled.aborted) throw error;
      }
    }
  }
}
