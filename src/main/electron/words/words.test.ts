import { expect, it } from 'vitest';

import { english } from './english.ts';
import { german } from './german.ts';

it('has every text in both languages, with the same values in it', () => {
  const values = (words: object): unknown =>
    Object.entries(words as Record<string, string>).map(([name, text]) => [
      name,
      [...new Set(text.match(/\{\w+\}/g))].sort(),
    ]);
  expect(values(german)).toEqual(values(english));
});
