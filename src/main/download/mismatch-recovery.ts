/** How many bytes one mirror contributed to a file whose hash is wrong. */
export interface Contribution {
  readonly url: string;
  readonly bytes: number;
}

/** What to do about a file whose hash is wrong. */
export type MismatchRecovery =
  /** One mirror served the whole file: ask the other mirrors for all of it. */
  | { readonly type: 'ban-mirror'; readonly url: string }
  /** Keep this mirror's bytes and fetch the rest from it, so that the whole file comes from one mirror. */
  | { readonly type: 'keep-mirror'; readonly url: string }
  /** No mirror can be blamed: discard everything and start over. */
  | { readonly type: 'restart' };

/**
 * Decides how to recover from a hash mismatch. Only the hash of the whole file is signed, so a file assembled from
 * several mirrors does not tell which one is corrupt. First complete it from the largest contributor. If a file from a
 * single mirror is still wrong, ban that mirror. Bytes resumed from an earlier run never ban a mirror, because the disk
 * may have corrupted them. Each step removes a mirror or discards old bytes, so this terminates.
 */
export function planMismatchRecovery(
  contributions: readonly Contribution[],
  usable: readonly string[],
  resumed: boolean,
): MismatchRecovery {
  const [first, ...others] = contributions;
  if (first !== undefined && others.length === 0 && !resumed) return { type: 'ban-mirror', url: first.url };
  const best = contributions
    .filter(({ url }) => usable.includes(url))
    .reduce<Contribution | undefined>(
      (found, next) => (found === undefined || next.bytes > found.bytes ? next : found),
      undefined,
    );
  return others.length === 0 || best === undefined ? { type: 'restart' } : { type: 'keep-mirror', url: best.url };
}
