import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { beforeEach, expect, it } from 'vitest';

import { JsonStore } from './json-store.ts';

let directory: string;
let warnings: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'json-store-'));
  warnings = [];
  return async () => rm(directory, { recursive: true });
});
const open = (path = join(directory, 'app', 'count.json')): JsonStore<{ count: number }> =>
  new JsonStore({
    path,
    schema: v.object({ count: v.number() }),
    empty: { count: 0 },
    logger: { warn: (message) => void warnings.push(message) },
  });

it('stores a value and creates its directory', async () => {
  const empty = await open().read();
  await open().write({ count: 2 });
  const text = await readFile(join(directory, 'app', 'count.json'), 'utf8');
  expect({ empty, kept: await open().load(), text, warnings }).toEqual({
    empty: { count: 0 },
    kept: { count: 2 },
    text: '{\n  "count": 2\n}\n',
    warnings: [],
  });
});

it.each([
  ['garbage', 'garbage'],
  ['another value', '{"count":"two"}'],
  ['nothing', ''],
  ['more than is ours', JSON.stringify({ count: 2, more: 'x'.repeat(256 * 1024) })],
])('drops a file with %s', async (_what, text) => {
  const path = join(directory, 'count.json');
  await writeFile(path, text);
  expect({ loaded: await open(path).load(), warnings }).toEqual({
    loaded: { count: 0 },
    warnings: ['count.json is not valid and is dropped.'],
  });
});

it('logs read and write errors, and throws them only from load and save', async () => {
  const path = join(directory, 'count.json');
  await mkdir(path);
  const read = await open(path).read();
  await open(path).write({ count: 1 });
  await expect(open(path).load()).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(open(path).save({ count: 1 })).rejects.toThrow();
  expect({ read, warnings }).toEqual({
    read: { count: 0 },
    warnings: [
      expect.stringMatching(/^count\.json cannot be read: EISDIR/),
      expect.stringMatching(/^count\.json cannot be written: /),
    ],
  });
});
