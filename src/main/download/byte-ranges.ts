/** Bytes `at` (included) to `end` (excluded) of a file. */
export interface Extent {
  readonly at: number;
  readonly end: number;
}

/** Sorted, without overlaps, and without neighbours that touch. */
export type Extents = readonly Extent[];

export function addExtent(extents: Extents, extra: Extent): Extents {
  if (extra.at >= extra.end) return extents;
  const before = extents.filter((extent) => extent.end < extra.at);
  const after = extents.filter((extent) => extent.at > extra.end);
  const touching = extents.slice(before.length, extents.length - after.length);
  const merged = {
    at: Math.min(extra.at, touching[0]?.at ?? extra.at),
    end: Math.max(extra.end, touching.at(-1)?.end ?? extra.end),
  };
  return [...before, merged, ...after];
}

/** What of `range` the extents do not cover. */
export function missingIn(extents: Extents, range: Extent): Extents {
  const missing: Extent[] = [];
  let at = range.at;
  for (const extent of extents) {
    if (extent.end <= at) continue;
    if (extent.at >= range.end) break;
    if (extent.at > at) missing.push({ at, end: extent.at });
    at = extent.end;
  }
  if (at < range.end) missing.push({ at, end: range.end });
  return missing;
}

export function bytesIn(extents: Extents): number {
  return extents.reduce((sum, extent) => sum + extent.end - extent.at, 0);
}

/** The extents without what `unwanted` covers. */
export function removeExtent(extents: Extents, unwanted: Extent): Extents {
  return extents.flatMap((extent) => missingIn([unwanted], extent));
}
