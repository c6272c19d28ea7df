/** A token bucket: `burst` at once, then `perSecond`. Returns a function that tells whether one more may pass. `now` is in milliseconds. */
export function createTokenBucket(burst: number, perSecond: number, now: () => number): () => boolean {
  let tokens = burst;
  let at = now();
  return () => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond);
    at = time;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
