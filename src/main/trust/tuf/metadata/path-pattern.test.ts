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

  it('is fast for a pattern that would make a regular expression run for years', () => {
    expect(matchesPathPattern('a'.repeat(1000), `${'*a'.repeat(200)}b`)).toBe(false);
  });
});
