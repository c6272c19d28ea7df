import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

import { matchesPathPattern } from '../../src/main/trust/tuf/metadata/path-pattern.ts';
import { randomFrom } from '../support/random-bytes.ts';
import { requires } from '../support/requires.ts';

/** Answers, for each line of standard input, which of the characters match the pattern on that line. */
const script = `
import fnmatch, json, sys
characters, patterns = json.load(sys.stdin)
print(json.dumps(["".join(c for c in characters if fnmatch.fnmatchcase(c, p)) for p in patterns]))
`;
const alphabet = Array.from('[]!-.a-c^\\\\&~|é😀');
const characters = Array.from('!"#$%&()*+,-.0123456789:;<=>?@ABC[\\\\]^_`abcdexyz{|}~é\uFFFF😀');

it('reads sets of characters as the fnmatch of this machine’s Python does', requires('python3'), async () => {
  const seed = Number(process.env['SEED'] ?? 14);
  const next = randomFrom(seed);
  const pick = (): string => alphabet[Math.floor(next() * alphabet.length)] ?? '';
  const patterns = Array.from(
    { length: 3000 },
    () => `[${Array.from({ length: 1 + Math.floor(next() * 7) }, pick).join('')}]`,
  );
  const python = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  python.stdin.end(JSON.stringify([characters, patterns]));
  const theirs = JSON.parse(await text(python.stdout)) as string[];
  const different = patterns.flatMap((pattern, at) => {
    const ours = characters.filter((one) => matchesPathPattern(one, pattern)).join('');
    return ours === theirs[at] ? [] : [{ pattern, ours, theirs: theirs[at] }];
  });
  expect({ seed, compared: theirs.length, different }).toEqual({ seed, compared: 3000, different: [] });
});
