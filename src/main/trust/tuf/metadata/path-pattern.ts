/**
 * Whether a target path matches a `PATHPATTERN` (spec 4.5). Matches segment by segment, as RSTUF and python-tuf do with
 * Python's `fnmatch`: `*`, `?`, `[set]` and `[!set]`. Every other character, dots and braces included, matches itself.
 * The number of steps is at most pattern length times path length.
 */
export function matchesPathPattern(path: string, pattern: string): boolean {
  const [segments, patterns] = [path.split('/'), pattern.split('/')];
  return (
    segments.length === patterns.length &&
    patterns.every((one, index) => matchesSegment(Array.from(segments[index] ?? ''), tokensOf(one)))
  );
}

type Token = 'any' | ((character: string) => boolean);

/** Only the last `*` can backtrack, because a later one makes the choice for an earlier one final. */
function matchesSegment(text: readonly string[], tokens: readonly Token[]): boolean {
  let [at, token, star, resume] = [0, 0, -1, 0];
  while (at < text.length) {
    const next = tokens[token];
    if (next === 'any') {
      star = token++;
      resume = at;
    } else if (next?.(text[at] ?? '') === true) {
      at++;
      token++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else return false;
  }
  return tokens.slice(token).every((one) => one === 'any');
}

function tokensOf(pattern: string): readonly Token[] {
  const characters = Array.from(pattern);
  const last = characters.lastIndexOf(']');
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    if (character === '*') tokens.push('any');
    else if (character === '?') tokens.push(() => true);
    else {
      const end = character === '[' ? endOfSet(characters, at, last) : -1;
      tokens.push(end < 0 ? (one) => one === character : setOf(characters.slice(at + 1, end)));
      if (end >= 0) at = end;
    }
  }
  return tokens;
}

/**
 * The `]` that closes a set. It cannot be the set's first member. Without one, `[` is a plain character. @param last
 * the pattern's last `]`
 */
function endOfSet(characters: readonly string[], open: number, last: number): number {
  if (open > last) return -1;
  const first = characters[open + 1] === '!' ? open + 2 : open + 1;
  return characters.indexOf(']', first + 1);
}

/**
 * A set as CPython's `fnmatch` reads it. It drops empty ranges before it looks for a `!`, so `[[-.!]` matches any character.
 */
function setOf(members: readonly string[]): Token {
  const parts = withoutEmptyRanges(rangeParts(members));
  const negated = parts[0]?.[0] === '!';
  if (negated) parts[0] = parts[0]?.slice(1) ?? [];
  // A range whose low end was the `!` is a hyphen and the rest.
  if (negated && parts[0]?.length === 0 && parts.length > 1) parts[0] = ['-', ...(parts.splice(1, 1)[0] ?? [])];
  const ranges: (readonly [low: string, high: string])[] = parts.flat().map((one) => [one, one]);
  for (const [at, part] of parts.entries()) {
    const high = parts[at + 1]?.[0];
    if (high !== undefined) ranges.push([part.at(-1) ?? high, high]);
  }
  return (one) => ranges.some(([low, high]) => isAtMost(low, one) && isAtMost(one, high)) !== negated;
}

/** Cuts a set at each hyphen that makes a range: from the last character of one part to the first of the next. */
function rangeParts(members: readonly string[]): string[][] {
  const parts: string[][] = [];
  let start = 0;
  let hyphen = members.indexOf('-', members[0] === '!' ? 2 : 1);
  for (; hyphen >= 0; hyphen = members.indexOf('-', hyphen + 3)) {
    parts.push(members.slice(start, hyphen));
    start = hyphen + 1;
  }
  const rest = members.slice(start);
  if (rest.length > 0) parts.push(rest);
  else parts.at(-1)?.push('-');
  return parts;
}

function withoutEmptyRanges(parts: string[][]): string[][] {
  for (let at = parts.length - 1; at > 0; at--) {
    const [before, after] = [parts[at - 1] ?? [], parts[at] ?? []];
    if (isAtMost(before.at(-1) ?? '', after[0] ?? '')) continue;
    parts.splice(at - 1, 2, [...before.slice(0, -1), ...after.slice(1)]);
  }
  return parts;
}

/** By code point, as Python compares. */
function isAtMost(one: string, other: string): boolean {
  return (one.codePointAt(0) ?? 0) <= (other.codePointAt(0) ?? 0);
}
