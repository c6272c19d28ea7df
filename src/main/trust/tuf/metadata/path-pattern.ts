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

function setOf(members: readonly string[]): Token {
  const negated = members[0] === '!';
  const list = negated ? members.slice(1) : members;
  const ranges: (readonly [low: string, high: string])[] = [];
  for (let at = 0; at < list.length; at++) {
    const low = list[at] ?? '';
    const high = list[at + 1] === '-' && at + 2 < list.length ? (list[at + 2] ?? low) : low;
    ranges.push([low, high]);
    if (high !== low || (list[at + 1] === '-' && at + 2 < list.length)) at += 2;
  }
  return (one) => ranges.some(([low, high]) => low <= one && one <= high) !== negated;
}
