/** Runs added functions one after the other, and synchronously while none of them is asynchronous. */
export class InOrder {
  #last: Promise<void> | undefined;

  /** @param work does not reject */
  add(work: () => Promise<void> | undefined): void {
    const next = this.#last === undefined ? work() : this.#last.then(work);
    if (next === undefined) return;
    const last = next.finally(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
  }

  /** Resolves when nothing is running. */
  async settled(): Promise<void> {
    while (this.#last !== undefined) await this.#last;
  }
}
