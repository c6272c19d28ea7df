/**
 * Like `Promise.all`, but throws an error only when all promises have settled, so that none keeps writing unnoticed.
 */
export async function together<T extends readonly Promise<unknown>[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
