import { expect, it } from 'vitest';

import { visible, visibleJson } from './visible.ts';

it.each([
  { about: 'escape sequences', text: 'Notes\u001b[2J', shown: 'Notes\\u001b[2J' },
  { about: 'C1 controls', text: '\u009b2J', shown: '\\u009b2J' },
  { about: 'line breaks', text: 'one\r\ntwo\u2028three', shown: 'one\\u000d\\u000atwo\\u2028three' },
  { about: 'changes of direction', text: '\u202etxt.exe\u2066', shown: '\\u202etxt.exe\\u2066' },
  { about: 'characters without width', text: 'a\u200bb\ufeff', shown: 'a\\u200bb\\ufeff' },
  { about: 'hidden tags', text: '\u{e0041}', shown: '\\udb40\\udc41' },
  { about: 'half a pair', text: '\ud800', shown: '\\ud800' },
])('shows $about as escapes', ({ text, shown }) => {
  expect(visible(text)).toBe(shown);
});

it('leaves words of every language alone', () => {
  expect(visible('Schöne Grüße, 日本語, العربية 🎉')).toBe('Schöne Grüße, 日本語, العربية 🎉');
});

it('writes JSON that reads back as it was', () => {
  const value = { text: 'a\u009b\u202e\u001b[2J\n🎉\u{e0041}' };
  const line = visibleJson(value);
  expect({ line: /[\p{Cc}\p{Cf}]/u.test(line), value: JSON.parse(line) as unknown }).toEqual({ line: false, value });
});
