import type { FileHandle } from 'node:fs/promises';

/** Bytes that may wait in the cache of the kernel. */
const stepBytes = 8 * 1024 * 1024;

/**
 * Has the kernel write to disk while the download goes on, so that the flush at the end finds little left to do, and a
 * power cut takes little away.
 */
export class BackgroundSync {
  readonly #file: FileHandle;
  #waiting = 0;
  #flushing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  wrote(bytes: number): void {
    this.#waiting += bytes;
    if (this.#waiting < stepBytes || this.#flushing !== undefined) return;
    this.#waiting = 0;
    this.#flushing = this.#file
      .datasync()
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  /** Waits for a flush under way. @throws what the disk threw at any flush so far */
  async settled(): Promise<void> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
