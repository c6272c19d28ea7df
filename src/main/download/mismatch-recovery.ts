/** Who gave how many bytes of a file that turned out wrong. */
export interface Contribution {
  readonly url: string;
  readonly bytes: number;
}

/** What to do about a file whose hash is wrong. */
export type MismatchRecovery =
  /** The one mirror that gave all of it lied: ask the others for everything. */
  | { readonly type: 'ban-mirror'; readonly url: string }
  /** Keep what this mirror gave and ask it for the rest: then all comes from one. */
  | { readonly type: 'keep-mirror'; readonly url: string }
  /** Nobody can be blamed: begin anew. */
  | { readonly type: 'restart' };

/**
 * Without digests of its parts, a file from several mirrors says nothing about who lied; a file from one does. So a
 * wrong mixture is first completed from its largest contributor, and a wrong file from one mirror accuses that mirror.
 * Bytes of an earlier run accuse nobody: the disk had them meanwhile. Each step leaves fewer mirrors or older bytes, so
 * there is an end to it.
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
