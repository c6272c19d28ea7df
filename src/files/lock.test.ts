import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, link, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { requires, root } from '../../test/support/requires.ts';
import { acquireLock } from './lock.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(directory, 'lock');
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

describe('acquireLock', () => {
  it('has one holder at a time within a process', async () => {
    const first = await acquireLock(path, { waitMs: 0 });
    expect(await acquireLock(path, { waitMs: 0 })).toBeUndefined();
    first?.release();
    const second = await acquireLock(path, { waitMs: 0 });
    expect(second).toBeDefined();
    second?.release();
  });

  it('waits until the holder releases it', async () => {
    const first = await acquireLock(path);
    const waiting = acquireLock(path);
    first?.release();
    const second = await waiting;
    expect(second).toBeDefined();
    second?.release();
  });

  it('reports that it is no longer held', async () => {
    const lock = await acquireLock(path);
    expect(() => lock?.assertHeld()).not.toThrow();
    lock?.release();
    lock?.release();
    expect(() => lock?.assertHeld()).toThrow('no longer held');
  });

  it('is lost when the lock file is deleted under its holder', async () => {
    const lock = await acquireLock(path);
    await rm(path);
    const other = await acquireLock(path, { waitMs: 0 });
    expect(() => lock?.assertHeld()).toThrow('no longer held');
    expect(() => other?.assertHeld()).not.toThrow();
    lock?.release();
    other?.release();
  });

  it('replaces a damaged lock file', async () => {
    await writeFile(path, 'x'.repeat(4096));
    const lock = await acquireLock(path, { waitMs: 0 });
    expect(await acquireLock(path, { waitMs: 0 })).toBeUndefined();
    expect(() => lock?.assertHeld()).not.toThrow();
    lock?.release();
  });

  it('stops waiting when aborted', async () => {
    const first = await acquireLock(path);
    const controller = new AbortController();
    const waiting = acquireLock(path, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toThrow('abort');
    first?.release();
  });

  it('is unavailable while another process holds it, and free once that process is killed', async () => {
    const holder = await startHolder(path);
    expect(await acquireLock(path, { waitMs: 0 })).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = await acquireLock(path, { waitMs: 0 });
    expect(lock).toBeDefined();
    lock?.release();
  });
});

async function startHolder(path: string): Promise<ChildProcess> {
  const script = `
    import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await acquireLock(${JSON.stringify(path)});
    process.send('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

const nobody = 65_534;

/** What another user can leave in a folder where everybody may write. */
describe('a lock that is not our own', requires(root), () => {
  it.each<[string, () => Promise<void>]>([
    [
      "another user's file",
      async () => {
        await writeFile(path, '');
        await chown(path, nobody, nobody);
      },
    ],
    ['a file that others may write', async () => writeFile(path, '').then(() => chmod(path, 0o666))],
    [
      "a journal of another user's beside it",
      async () => {
        await writeFile(`${path}-journal`, 'hot');
        await chown(`${path}-journal`, nobody, nobody);
      },
    ],
    ['a link', async () => symlink(join(directory, 'elsewhere'), path)],
    [
      'another name of a file',
      async () => {
        await writeFile(join(directory, 'own'), '');
        await link(join(directory, 'own'), path);
      },
    ],
  ])('is refused: %s', async (_, plant) => {
    await plant();
    const before = (await readdir(directory)).toSorted();
    await expect(acquireLock(path, { waitMs: 0 })).rejects.toMatchObject({ code: 'EACCES' });
    expect((await readdir(directory)).toSorted()).toEqual(before);
  });
});
