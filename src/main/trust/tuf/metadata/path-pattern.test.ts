import { describe, expect, it } from 'vitest';

import { matchesPathPattern } from './path-pattern.ts';

describe('matchesPathPattern', () => {
  it.each([
    ['a', '*', true],
    ['a/b', '*', false],
    ['a/b', '*/*', true],
    ['.hidden', '*', true],
    ['a', '!a', false],
    ['!a', '!a', true],
    ['b', '{a,b}', false],
    ['{a,b}', '{a,b}', true],
    ['#x', '#x', true],
    ['a.zip', '*.zip', true],
    ['azip', '*.zip', false],
    ['ab', 'a?', true],
    ['b', '[a-c]', true],
    ['d', '[a-c]', false],
    ['d', '[!a-c]', true],
    [']', '[]]', true],
    ['[', '[', true],
    ['aXbXc', 'a*b*c', true],
    ['aXbX', 'a*b*c', false],
    ['', '', true],
  ])('trap 11: %j against %j as fnmatch: %j', (path, pattern, matches) => {
    expect(matchesPathPattern(path, pattern)).toBe(matches);
  });

  // The characters that each set matches, as CPython 3.11 says. `test/trust/fnmatch.test.ts` asks CPython for random sets.
  it.each([
    ['[[-.!]', '!&-.[\\]^abcxyz|~é'],
    ['[a-]', '-a'],
    ['[-a]', '-a'],
    ['[!-a]', '!&.[\\]^bcxyz|~é'],
    ['[a-c-e]', '-abc'],
    ['[c-a]', ''],
    ['[!c-a]', '!&-.[\\]^abcxyz|~é'],
    ['[c-a!]', '!&-.[\\]^abcxyz|~é'],
    ['[c-a!b]', '!&-.[\\]^acxyz|~é'],
    ['[!!]', '&-.[\\]^abcxyz|~é'],
    ['[!]', ''],
    ['[!]a]', '!&-.[\\^bcxyz|~é'],
    ['[]-a]', ']^a'],
    ['[a-a]', 'a'],
    ['[--a]', '-.[\\]^a'],
    ['[a--]', ''],
    ['[!--]', '!&.[\\]^abcxyz|~é'],
    ['[---]', '-'],
    ['[b-a-c]', '-c'],
    ['[z-a!x-y]', '!&-.[\\]^abcz|~é'],
    ['[^a]', '^a'],
    ['[!^a]', '!&-.[\\]bcxyz|~é'],
    ['[\\]', '\\'],
    ['[\\-a]', '\\]^a'],
    ['[a-\\]', ''],
    ['[&&a]', '&a'],
    ['[||]', '|'],
    ['[~~]', '~'],
    ['[a&&b]', '&ab'],
    ['[z-!]', ''],
    ['[!z-!]', '!&-.[\\]^abcxyz|~é'],
    ['[c-a-z]', '-z'],
    ['[a-z-b]', '-abcxyz'],
  ])('reads the set %s as CPython does', (pattern, expected) => {
    const characters = Array.from('!&-.[\\]^abcxyz|~é');
    expect(characters.filter((one) => matchesPathPattern(one, pattern)).join('')).toBe(expected);
  });

  it('compares by code point, not by UTF-16 unit', () => {
    const inRange = ['\uFFFF', '😀', 'a'].map((one) => matchesPathPattern(one, '[\uFFFF-😀]'));
    expect({ inRange, reversed: matchesPathPattern('😀', '[😀-\uFFFF]') }).toEqual({
      inRange: [true, true, false],
      reversed: false,
    });
  });

  it('is fast for a pattern that would make a regular expression run for years', () => {
    expect(matchesPathPattern('a'.repeat(1000), `${'*a'.repeat(200)}b`)).toBe(false);
  });
});
