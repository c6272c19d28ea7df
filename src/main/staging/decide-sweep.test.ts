import { expect, it } from 'vitest';

import { decideSweep, downloadQuota, type Place, previousQuota, type Stored, strayAge } from './decide-sweep.ts';

const now = Date.UTC(2026, 10, 25);
const hash = (letter: string): string => letter.repeat(32);

function stored(path: string, { age = 0, bytes = 1 } = {}): Stored {
  const [place = '', name = ''] = path.includes('/') ? path.split('/') : ['.', path];
  return { place: place as Place, name, bytes, changedAt: now - age };
}

function swept(files: readonly Stored[], staged?: string): readonly string[] {
  const { downloads, others } = decideSweep(files, { now, staged });
  return [...downloads.map((name) => `download ${name}`), ...others.map(({ place, name }) => `${place}/${name}`)];
}

const artifact = `${hash('a')}.AppImage`;

it.each<[string, readonly Stored[], string | undefined, readonly string[]]>([
  ['nothing in an empty directory', [], undefined, []],
  [
    'no file that is needed',
    [
      stored('journal.json', { age: 99 * strayAge }),
      stored('trust', { age: 99 * strayAge }),
      stored(`staged/${artifact}`, { age: 99 * strayAge, bytes: 1e12 }),
      stored('staged/staged.json'),
      stored('staged/hand-over'),
      stored(`downloads/${hash('b')}.exe.part`, { bytes: 1e12 }),
      stored(`downloads/${hash('b')}.exe.part.json`),
      stored('previous/1.0.0.exe', { bytes: 1e12 }),
    ],
    artifact,
    [],
  ],
  [
    'old temporary files, and all temporary files in `staged`',
    [
      stored('.journal.json.1f.tmp', { age: strayAge + 1 }),
      stored('.history.json.2f.tmp', { age: strayAge }),
      stored('downloads/.x.tmp', { age: strayAge + 1 }),
      stored('staged/.staged.json.3f.tmp'),
      stored('staged/staged.json'),
    ],
    artifact,
    ['./.journal.json.1f.tmp', 'downloads/.x.tmp', 'staged/.staged.json.3f.tmp'],
  ],
  [
    'old unknown files among the downloads',
    [stored('downloads/planted', { age: strayAge + 1 }), stored('downloads/a', { age: strayAge })],
    undefined,
    ['downloads/planted'],
  ],
  [
    'artifacts that the record does not name',
    [stored(`staged/${hash('b')}.AppImage`), stored(`staged/${artifact}`), stored('staged/hand-over')],
    artifact,
    [`staged/${hash('b')}.AppImage`],
  ],
  [
    'everything in `staged` if no update is staged',
    [stored(`staged/${artifact}`), stored('staged/hand-over'), stored('staged/staged.json')],
    undefined,
    [`staged/${artifact}`, 'staged/hand-over', 'staged/staged.json'],
  ],
  [
    'the download of the staged artifact',
    [stored(`downloads/${artifact}.part.lock`), stored(`downloads/${hash('b')}.AppImage`)],
    artifact,
    [`download ${artifact}`],
  ],
  [
    'old downloads, unless one of their files is new',
    [
      stored(`downloads/${hash('b')}.exe.part`, { age: downloadQuota.age + 1 }),
      stored(`downloads/${hash('c')}.exe.part`, { age: downloadQuota.age + 1 }),
      stored(`downloads/${hash('c')}.exe.part.json`, { age: 1 }),
    ],
    undefined,
    [`download ${hash('b')}.exe`],
  ],
  [
    'the oldest of too many downloads',
    ['b', 'c', 'd', 'e', 'f'].map((letter, age) => stored(`downloads/${hash(letter)}.deb`, { age })),
    undefined,
    ['e', 'f'].map((letter) => `download ${hash(letter)}.deb`),
  ],
  [
    'the oldest downloads if all files together are too large',
    [
      stored(`downloads/${hash('b')}.deb`, { age: 1, bytes: downloadQuota.bytes }),
      stored(`downloads/${hash('c')}.deb.part`, { age: 2, bytes: 0 }),
      stored(`downloads/${hash('d')}.deb.part`, { age: 3, bytes: 0 }),
      stored(`downloads/${hash('d')}.deb.part.json`, { age: 3, bytes: 1 }),
    ],
    undefined,
    [`download ${hash('d')}.deb`],
  ],
  [
    'previous artifacts beyond their quota',
    [
      stored('previous/1.2.0.exe', { age: 1 }),
      stored('previous/1.1.0.exe', { age: 2 }),
      stored('previous/1.0.0.exe', { age: 3 }),
    ],
    undefined,
    ['previous/1.0.0.exe'],
  ],
  [
    'previous artifacts that are more than a year old',
    [stored('previous/1.exe', { age: previousQuota.age + 1 })],
    undefined,
    ['previous/1.exe'],
  ],
  [
    'nothing after the clock was set back',
    [stored(`downloads/${artifact}.part`, { age: -1e12 }), stored('downloads/.x.tmp', { age: -1e12 })],
    undefined,
    [],
  ],
])('removes %s', (_what, files, staged, expected) => {
  expect(swept(files, staged)).toEqual(expected);
});
