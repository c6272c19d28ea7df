import { expect, it } from 'vitest';

import { globMatches, isPortableGlob } from './glob.ts';

it.each([
  ['notes/*', 'notes/app', true],
  ['notes/*', 'notes/1.0.0/app', false],
  ['*/releases/*/*.exe', 'notes/releases/1.0.0/a.exe', true],
  ['*/releases/*/*.exe', 'notes/releases/1.0.0/a.dmg', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['a.c', 'abc', false],
  ['*', '', true],
  ['a+(b)', 'a+(b)', true],
])('%s against %s: %s', (glob, path, expected) => {
  expect(globMatches(glob, path)).toBe(expected);
});

it('knows which globs mean the same to every client', () => {
  const globs = ['notes/*', 'a?c', '*.exe', '!a', '{a,b}', '[ab]', '#x', 'a//b', '/a', ''];
  expect(globs.filter(isPortableGlob)).toEqual(['notes/*', 'a?c', '*.exe']);
});
