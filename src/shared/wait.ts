/** Waits by the clock, and keeps the process alive meanwhile. @throws the signal's reason */
export async function wait(
  clock: { after(ms: number, run: () => void): () => void },
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  const alive = setInterval(() => undefined, 60_000);
  const cancel = clock.after(ms, wake);
  signal?.addEventListener('abort', wake);
  try {
    await promise;
  } finally {
    clearInterval(alive);
    signal?.removeEventListener('abort', wake);
    cancel();
  }
  signal?.throwIfAborted();
}
