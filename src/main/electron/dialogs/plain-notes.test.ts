import { expect, it } from 'vitest';

import { chooseNotes, plainNotes } from './plain-notes.ts';

it.each([
  ['# New\n\n- **Tags** for _notes_\n- `Ctrl+T`', 'New\n\n• Tags for notes\n• Ctrl+T'],
  ['See [the site](javascript:alert(1)) now', 'See the site) now'],
  ['![logo](https://tracker.example/pixel.png) Hello', 'logo Hello'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['a\r\nb\rc', 'a\nb\nc'],
  ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
  ['exe\u202Egnp.txt \u0007bell\u200b', 'exegnp.txt bell'],
  ['> quoted', 'quoted'],
  ['\n\n\n\ntop\n\n\n\nend\n\n', 'top\n\nend'],
  ['', ''],
])('%j is shown as %j', (markdown, text) => {
  expect(plainNotes(markdown)).toBe(text);
});

it('keeps a dialog small, whatever is sent', () => {
  // Each of these took seconds where it was looked at as a whole.
  const hostile = ['[', '**a ', '![', '_a', '`', '__a**'].map(
    (part) => plainNotes(part.repeat(1_000_000)).length <= 902,
  );
  expect(hostile).toEqual(Array<boolean>(6).fill(true));
  const endless = plainNotes('word '.repeat(100_000));
  const long = plainNotes(Array.from({ length: 500 }, (_, line) => `- line ${line}`).join('\n'));
  expect([endless.length < 1000, endless.at(-1), long.split('\n').length, long.endsWith('…')]).toEqual([
    true,
    '…',
    14,
    true,
  ]);
});

it('chooses the notes by language, region first, English next', () => {
  const notes = { en: 'english', de: 'german', 'pt-BR': 'brazilian' };
  expect([
    chooseNotes(notes, ['de-AT']),
    chooseNotes(notes, ['pt-br']),
    chooseNotes(notes, ['pt-PT']),
    chooseNotes(notes, ['fr', 'de_DE.UTF-8']),
    chooseNotes(notes, ['fr']),
    chooseNotes({ fr: 'french' }, ['ja']),
    chooseNotes({}, ['ja']),
  ]).toEqual(['german', 'brazilian', 'brazilian', 'german', 'english', 'french', '']);
});
