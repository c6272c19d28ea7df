import type { FileHandle } from 'node:fs/promises';

/** Appends text to a file in the order of the calls. Calls made during a write share the next one. */
export class AppendLog {
  readonly #file: FileHandle;
  #waiting = '';
  #writing: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Resolves when the kernel has the text, which then survives the process. */
  append(text: string): Promise<void> {
    const first = this.#waiting === '';
    this.#waiting += text;
    if (first) this.#writing = this.#writing.then(() => this.#flush());
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    await this.#file.appendFile(text);
  }
}
