import { execFile, execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { acquireLock } from '../../src/files/lock.ts';
import type { StagingArea } from '../../src/main/ports.ts';
import { strayAge } from '../../src/main/staging/decide-sweep.ts';
import { requires, root } from '../support/requires.ts';
import { bytesOf, downloaded, filesBelow, nextStart, openStaging, releaseIn, stage } from './rig.ts';

const child = join(import.meta.dirname, 'staging-child.ts');
const run = promisify(execFile);

let home: string;
let updates: string;
let staging: StagingArea;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'staging-'));
  await chmod(home, 0o755);
  updates = join(home, 'updates');
  staging = openStaging(updates);
});
afterEach(async () => rm(home, { recursive: true, force: true }));

const record = (): string => join(updates, 'staged/staged.json');

async function stageOne(): Promise<void> {
  await downloaded(staging, '1.1.0');
  await stage(staging, '1.1.0');
}

async function filesWithoutLocks(): Promise<readonly string[]> {
  return (await filesBelow(updates)).filter((path) => !path.includes('.lock'));
}

it('recovers an artifact that was recorded but not yet moved, without another download', async () => {
  await stageOne();
  const { path } = JSON.parse(await readFile(record(), 'utf8')) as { readonly path: string };
  await rename(path, join(updates, 'downloads', basename(path)));
  const before = await staging.current();
  expect({ before, after: await nextStart(updates, '1.1.0') }).toEqual({
    before: undefined,
    after: { has: 'staged', others: [] },
  });
});

it('removes a record whose file is missing', async () => {
  await stageOne();
  const { path } = JSON.parse(await readFile(record(), 'utf8')) as { readonly path: string };
  await rm(path);
  expect({ next: await nextStart(updates, '1.1.0'), files: await filesWithoutLocks() }).toEqual({
    next: { has: 'nothing', others: [] },
    files: [],
  });
});

it.each<[string, (text: string) => string]>([
  ['is empty', () => ''],
  ['is cut', (text) => text.slice(0, text.length / 2)],
  ['is no JSON', () => 'no'],
  ['is a list', () => '[]'],
  ['names a file elsewhere', (text) => text.replace(/"path": ".*"/, '"path": "/etc/passwd"')],
  ['names a file below', (text) => text.replace(/(\w+\.AppImage)/, 'deeper/$1')],
  ['names a file above', (text) => text.replace(/staged\/\w+\.AppImage/, 'journal.json')],
  ['has a version that is a path', (text) => text.replace('1.1.0', '../../1.1.0')],
  ['has an unknown kind', (text) => text.replace('"appimage"', '"floppy"')],
])('ignores and removes a record that %s', async (_what, change) => {
  await stageOne();
  await writeFile(record(), change(await readFile(record(), 'utf8')));
  const now = await staging.current();
  await staging.cleanup();
  expect({ staged: now, files: await filesWithoutLocks() }).toEqual({ staged: undefined, files: [] });
});

it.each<[string, () => Promise<unknown>]>([
  ['a directory', () => mkdir(record())],
  ['a link', () => symlink('/etc/passwd', record())],
])('removes %s in place of the record, without following a link', async (_what, plant) => {
  await stageOne();
  await rm(record());
  await plant();
  await staging.cleanup();
  expect({ staged: await staging.current(), linkTargetExists: (await lstat('/etc/passwd')).isFile() }).toEqual({
    staged: undefined,
    linkTargetExists: true,
  });
  await stageOne();
  expect((await staging.current())?.version).toBe('1.1.0');
});

it.each(['downloads', 'staged', 'previous'])('does not follow a link in place of `%s`', async (place) => {
  const victim = join(home, 'victim');
  await mkdir(victim);
  await writeFile(join(victim, 'precious'), '');
  await utimes(join(victim, 'precious'), 1, 1);
  await mkdir(updates);
  await symlink(victim, join(updates, place));
  await staging.cleanup();
  await staging.discard();
  expect(await filesBelow(victim)).toEqual(['precious']);
});

it('keeps the artifacts of the last two installed versions', async () => {
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
    await downloaded(staging, version, 'nsis');
    const staged = await stage(staging, version, 'nsis');
    await staging.retire(staged);
    await staging.cleanup();
  }
  expect({ files: await filesWithoutLocks(), newest: await readFile(join(updates, 'previous/1.2.0.exe')) }).toEqual({
    files: ['previous/1.1.0.exe', 'previous/1.2.0.exe'],
    newest: bytesOf('1.2.0'),
  });
});

describe('cleanup', () => {
  /** A file with an old date. */
  async function old(path: string): Promise<void> {
    await mkdir(join(updates, path, '..'), { recursive: true });
    await writeFile(join(updates, path), '');
    await utimes(join(updates, path), 1, 1);
  }

  it('removes old files and keeps those that are needed', async () => {
    await stageOne();
    await writeFile(join(updates, 'journal.json'), '{}');
    await mkdir(join(updates, 'staged/hand-over'));
    await writeFile(join(updates, 'staged/hand-over/artifact'), '');
    await old(`downloads/${'b'.repeat(32)}.exe.part`);
    await old(`downloads/${'b'.repeat(32)}.exe.part.json`);
    await old('downloads/planted');
    await old('.history.json.aa.tmp');
    await old('trust/timestamp.json');
    const before = await filesWithoutLocks();
    await staging.cleanup();
    expect(before).toContain('downloads/planted');
    expect(await filesWithoutLocks()).toEqual(before.filter((path) => !/bbb|planted|\.tmp$/.test(path)));
  });

  it('keeps a download that another process continues, however old it is', async () => {
    const part = `downloads/${'b'.repeat(32)}.exe.part`;
    await old(part);
    await old(`${part}.lock`);
    const lock = await acquireLock(join(updates, `${part}.lock`), { waitMs: 0 });
    await staging.cleanup();
    const during = await filesBelow(updates);
    lock?.release();
    await utimes(join(updates, `${part}.lock`), 1, 1);
    await staging.cleanup();
    expect({
      keptWhileLocked: during.includes(part),
      left: (await filesBelow(updates)).filter((path) => path.includes('bbb')),
    }).toEqual({ keptWhileLocked: true, left: [] });
  });

  it('creates no directory', async () => {
    await staging.cleanup();
    await expect(lstat(updates)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('works even if the clock was set back', async () => {
    const ahead = new Date(Date.now() + 2 * strayAge);
    for (const letter of 'bcdef') {
      await old(`downloads/${letter.repeat(32)}.exe.part`);
      await utimes(join(updates, `downloads/${letter.repeat(32)}.exe.part`), ahead, ahead);
    }
    await staging.cleanup();
    expect((await filesWithoutLocks()).length).toBe(3);
  });
});

describe('two processes', () => {
  it('can stage, discard and clean up at the same time: exactly the recorded files remain', async () => {
    for (let round = 0; round < 2; round += 1) {
      await downloaded(staging, '1.1.0');
      const others = ['stage', 'discard', 'cleanup', 'retire'].map((work) =>
        run(process.execPath, [child, updates, work], {
          env: { ...process.env, NODE_COMPILE_CACHE: join(home, 'cache') },
        }),
      );
      const ends = await Promise.allSettled(others);
      await staging.cleanup();
      const staged = await staging.current();
      const file = staged && (await staging.open(staged, releaseIn('1.1.0').target));
      await file?.close();
      const known = /^(staged\/staged\.json|(staged|downloads)\/\w{32}\.AppImage|previous\/1\.1\.0\.AppImage)$/;
      expect({
        ends: ends.map(({ status }) => status),
        unknown: (await filesWithoutLocks()).filter((path) => !known.test(path)),
      }).toEqual({ ends: ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'], unknown: [] });
      await staging.discard();
    }
  });
});

describe('the directories', () => {
  const modes = async () =>
    Promise.all(['', 'downloads', 'staged'].map(async (name) => (await lstat(join(updates, name))).mode & 0o777));

  it('are private, and become private if they were not', async () => {
    await stageOne();
    const fresh = await modes();
    for (const name of ['', 'downloads', 'staged']) await chmod(join(updates, name), 0o777);
    await staging.discard();
    await stageOne();
    expect({ fresh, repaired: await modes() }).toEqual({
      fresh: [0o700, 0o700, 0o700],
      repaired: [0o700, 0o700, 0o700],
    });
  });

  it.each(['', 'downloads', 'staged'])('are refused if there is a file or a link in place of `%s`', async (name) => {
    await mkdir(updates);
    const path = join(updates, name);
    await rm(path, { recursive: true, force: true });
    await writeFile(path, '');
    const file = await stageOne().catch((error: unknown) => error);
    await rm(path);
    await symlink(home, path);
    const link = await stageOne().catch((error: unknown) => error);
    expect({ file, link }).toMatchObject({ file: { code: 'STAGE_DISK' }, link: { code: 'STAGE_DISK' } });
  });

  /** Runs a shell command as another user. Returns `yes` if it succeeds and `no` if it fails. */
  function asNobody(command: string): string {
    const shell = `${command} > /dev/null 2>&1 && echo yes || echo no`;
    return execFileSync('sh', ['-c', shell], { uid: 65534, gid: 65534, encoding: 'utf8' }).trim();
  }

  it('cannot be read or written by another user', requires(root), async () => {
    await stageOne();
    const staged = (await staging.current())?.path ?? '';
    expect({
      listUpdates: asNobody(`ls '${updates}'`),
      readArtifact: asNobody(`cat '${staged}'`),
      readRecord: asNobody(`cat '${record()}'`),
      createFile: asNobody(`touch '${updates}/planted'`),
      createDownload: asNobody(`touch '${updates}/downloads/planted'`),
      moveArtifact: asNobody(`mv '${staged}' '${staged}.gone'`),
      listHome: asNobody(`ls '${home}'`),
    }).toEqual({
      listUpdates: 'no',
      readArtifact: 'no',
      readRecord: 'no',
      createFile: 'no',
      createDownload: 'no',
      moveArtifact: 'no',
      listHome: 'yes',
    });
  });

  it.each(['', 'downloads', 'staged'])('are refused if another user owns `%s`', requires(root), async (name) => {
    await mkdir(join(updates, name), { recursive: true });
    await chown(join(updates, name), 65534, 65534);
    await writeFile(join(updates, name, 'theirs'), '');
    await expect(stageOne()).rejects.toMatchObject({ code: 'STAGE_DISK' });
    await staging.cleanup();
    expect(await filesBelow(join(updates, name))).toContain('theirs');
  });
});
