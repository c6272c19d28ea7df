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

it('limits the size of a dialog for any notes', () => {
  // Each of these took seconds when it was processed as a whole.
  const hostile = ['[', '**a ', '![', '_a', '`', '__a**'].map(
    (part) => plainNotes(part.repeat(1_000_000)).length <= 902,
  );
  expect(hostile).toEqual(Array<boolean>(6).fill(true));
  const endless = plainNotes('word '.repeat(100_000));
  const long = plainNotes(Array.from({ length: 500 }, (_, line) => `- line ${line}`).join('\n'));
  expect({
    endless: endless.length < 1000,
    endlessEnd: endless.at(-1),
    lines: long.split('\n').length,
    end: long.at(-1),
  }).toEqual({
    endless: true,
    endlessEnd: '…',
    lines: 14,
    end: '…',
  });
});

it('chooses the notes by language and region, or else in English', () => {
  const notes = { en: 'english', de: 'german', 'pt-BR': 'brazilian' };
  expect({
    otherRegion: chooseNotes(notes, ['de-AT']),
    sameRegion: chooseNotes(notes, ['pt-br']),
    onlyOtherRegion: chooseNotes(notes, ['pt-PT']),
    secondLanguage: chooseNotes(notes, ['fr', 'de_DE.UTF-8']),
    english: chooseNotes(notes, ['fr']),
    noEnglish: chooseNotes({ fr: 'french' }, ['ja']),
    none: chooseNotes({}, ['ja']),
  }).toEqual({
    otherRegion: 'german',
    sameRegion: 'brazilian',
    onlyOtherRegion: 'brazilian',
    secondLanguage: 'german',
    english: 'english',
    noEnglish: 'french',
    none: '',
  });
});
