import type { FileHandle } from 'node:fs/promises';

/** Bytes that may wait in the kernel's cache before a flush. */
const stepBytes = 8 * 1024 * 1024;

/**
 * Flushes the file to the disk while the download continues. The final flush then has little left to do, and a power
 * failure costs little.
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

  /** Waits for a flush that is under way. @throws the disk error of any flush so far */
  async settled(): Promise<void> {
    await this.#flushing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
