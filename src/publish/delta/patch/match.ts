/**
 * One step of a patch, after bsdiff (Colin Percival, "Naive differences of executable code", 2003). Steps are
 * consecutive in the result.
 */
export interface MatchStep {
  /** Offset in the base. */
  readonly base: number;
  /** Number of bytes that are a byte of the base plus a difference. */
  readonly differing: number;
  /** Number of new bytes after them. */
  readonly extra: number;
}

/** Bytes that must be equal for a match to be considered. */
const windowBytes = 16;
/** Bytes between indexed windows of the base. */
const stride = 8;
/** Bytes by which a match must beat continuing the open step (bsdiff's own value). */
const gain = 8;

interface Match {
  /** Offset in the result. */
  readonly at: number;
  /** Offset in the base. */
  readonly base: number;
  /** Equal bytes; 0 at the end of the result. */
  readonly length: number;
}

/** Bytes of memory that {@link matchFiles} needs in addition to the two files. */
export function matchMemory(baseLength: number): number {
  return 4 * tableSize(baseLength);
}

/**
 * Finds the steps that produce `result` from `base`. bsdiff sorts all suffixes of the base. This looks up 16-byte windows
 * in a hash table of every eighth one, which takes a fraction of the time and memory (docs/measurements.md). The time is
 * linear for every input: failed comparisons are skipped, and extensions are limited by what their match gains.
 */
export function matchFiles(base: Uint8Array, result: Uint8Array): readonly MatchStep[] {
  const windows = indexWindows(base);
  const steps: MatchStep[] = [];
  /** Where the open step begins in the result (`from`) and in the base (`basis`). */
  let from = 0;
  let basis = 0;
  let scan = 0;
  for (;;) {
    const match = nextMatch(base, result, windows, scan, basis - from);
    let differing = extendForward(base, result, basis, from, match.at);
    let back = match.length === 0 ? 0 : extendBackward(base, result, match, from);
    const overlap = from + differing - (match.at - back);
    if (overlap > 0) {
      const keep = splitOverlap(base, result, basis + differing - overlap, match.base - back, match.at - back, overlap);
      differing += keep - overlap;
      back -= keep;
    }
    const extra = match.at - back - (from + differing);
    if (differing + extra > 0) steps.push({ base: basis, differing, extra });
    if (match.length === 0) return steps;
    from = match.at - back;
    basis = match.base - back;
    scan = match.at + match.length;
  }
}

/** The next offset at which another part of the base fits clearly better than continuing the open step. */
function nextMatch(base: Uint8Array, result: Uint8Array, windows: Windows, scan: number, offset: number): Match {
  let at = scan;
  while (at + windowBytes <= result.length) {
    const aligned = equalRun(base, result, at + offset, at);
    if (aligned >= windowBytes) {
      at += aligned;
      continue;
    }
    const found = windows.find(result, at);
    const length = found < 0 || found === at + offset ? 0 : equalRun(base, result, found, at);
    if (length < windowBytes) {
      at += 1;
      continue;
    }
    if (length > equalCount(base, result, at + offset, at, length) + gain) return { at, base: found, length };
    at += length >> 2;
  }
  return { at: result.length, base: 0, length: 0 };
}

/** The length of the open step: the prefix in which equal bytes most outnumber different ones. */
function extendForward(base: Uint8Array, result: Uint8Array, basis: number, from: number, end: number): number {
  const limit = Math.min(end - from, base.length - basis);
  let right = 0;
  let best = 0;
  let length = 0;
  for (let index = 0; index < limit; index += 1) {
    if (base[basis + index] === result[from + index]) right += 1;
    const score = 2 * right - (index + 1);
    if (score > best) {
      best = score;
      length = index + 1;
    }
  }
  return length;
}

/** The same, backwards from a match. The limit depends on the match's length, so that no input takes quadratic time. */
function extendBackward(base: Uint8Array, result: Uint8Array, match: Match, from: number): number {
  const limit = Math.min(match.at - from, match.base, 512 + 16 * match.length);
  let right = 0;
  let best = 0;
  let length = 0;
  for (let index = 1; index <= limit; index += 1) {
    if (base[match.base - index] === result[match.at - index]) right += 1;
    const score = 2 * right - index;
    if (score > best) {
      best = score;
      length = index;
    }
  }
  return length;
}

/** Splits the overlap of two extensions where the most bytes are equal. Returns how many bytes the earlier one keeps. */
function splitOverlap(
  base: Uint8Array,
  result: Uint8Array,
  earlier: number,
  later: number,
  at: number,
  overlap: number,
): number {
  let score = 0;
  let best = 0;
  let keep = 0;
  for (let index = 0; index < overlap; index += 1) {
    const wanted = result[at + index];
    if (base[earlier + index] === wanted) score += 1;
    if (base[later + index] === wanted) score -= 1;
    if (score > best) {
      best = score;
      keep = index + 1;
    }
  }
  return keep;
}

function equalRun(base: Uint8Array, result: Uint8Array, basis: number, at: number): number {
  if (basis < 0) return 0;
  const limit = Math.min(base.length - basis, result.length - at);
  let length = 0;
  while (length < limit && base[basis + length] === result[at + length]) length += 1;
  return length;
}

function equalCount(base: Uint8Array, result: Uint8Array, basis: number, at: number, length: number): number {
  const first = Math.max(0, -basis);
  const limit = Math.min(length, base.length - basis);
  let count = 0;
  for (let index = first; index < limit; index += 1) if (base[basis + index] === result[at + index]) count += 1;
  return count;
}

interface Windows {
  /** A possible offset in the base of the window at `at`, or -1. */
  find(bytes: Uint8Array, at: number): number;
}

function tableSize(baseLength: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1024, (2 * baseLength) / stride)));
}

/** Indexes every eighth window of the base by its hash. The first one wins; 0 is an empty slot. */
function indexWindows(base: Uint8Array): Windows {
  const places = new Int32Array(tableSize(base.length));
  const shift = 32 - Math.log2(places.length);
  for (let at = 0; at + windowBytes <= base.length; at += stride) {
    const slot = hashWindow(base, at) >>> shift;
    if (places[slot] === 0) places[slot] = at + 1;
  }
  return { find: (bytes, at) => (places[hashWindow(bytes, at) >>> shift] as number) - 1 };
}

/** Multiplies by the odd constants of xxHash32, which spread a word's bits into the high bits. */
function hashWindow(bytes: Uint8Array, at: number): number {
  let hash = 0;
  for (let word = 0; word < windowBytes; word += 4) {
    hash = Math.imul(hash ^ readWord(bytes, at + word), 0x9e_37_79_b1);
    hash ^= hash >>> 15;
  }
  return Math.imul(hash, 0x85_eb_ca_77);
}

function readWord(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
