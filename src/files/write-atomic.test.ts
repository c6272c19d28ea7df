import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { writeAtomic } from './write-atomic.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'atomic-'));
  path = join(directory, 'file');
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

describe('writeAtomic', () => {
  it('replaces a file and leaves nothing else', async () => {
    await writeFile(path, 'old');
    await writeAtomic(path, 'new');
    expect({ text: await readFile(path, 'utf8'), names: await readdir(directory) }).toEqual({
      text: 'new',
      names: ['file'],
    });
  });

  it('is private by default', async () => {
    await writeAtomic(path, 'x');
    await writeAtomic(join(directory, 'program'), 'x', { mode: 0o755 });
    expect([(await stat(path)).mode & 0o777, (await stat(join(directory, 'program'))).mode & 0o777]).toEqual([
      0o600, 0o755,
    ]);
  });

  it('keeps the old file when beforeRename throws', async () => {
    await writeFile(path, 'old');
    const failing = writeAtomic(path, 'new', {
      beforeRename: () => {
        throw new Error('lock lost');
      },
    });
    await expect(failing).rejects.toThrow('lock lost');
    expect({ text: await readFile(path, 'utf8'), names: await readdir(directory) }).toEqual({
      text: 'old',
      names: ['file'],
    });
  });

  it('keeps what is there when the rename fails', async () => {
    const target = join(directory, 'missing', 'file');
    await expect(writeAtomic(target, 'new')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(directory)).toEqual([]);
  });
});
