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

it('finds a file whose record was written before it was moved, and fetches nothing', async () => {
  await stageOne();
  const { path } = JSON.parse(await readFile(record(), 'utf8')) as { readonly path: string };
  await rename(path, join(updates, 'downloads', basename(path)));
  const before = await staging.current();
  expect([before, await nextStart(updates, '1.1.0')]).toEqual([undefined, { has: 'staged', others: [] }]);
});

it('drops a record whose file is missing', async () => {
  await stageOne();
  const { path } = JSON.parse(await readFile(record(), 'utf8')) as { readonly path: string };
  await rm(path);
  expect([await nextStart(updates, '1.1.0'), await filesWithoutLocks()]).toEqual([{ has: 'nothing', others: [] }, []]);
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
])('takes a record that %s for none, and clears it away', async (_what, change) => {
  await stageOne();
  await writeFile(record(), change(await readFile(record(), 'utf8')));
  const now = await staging.current();
  await staging.cleanup();
  expect([now, await filesWithoutLocks()]).toEqual([undefined, []]);
});

it.each<[string, () => Promise<unknown>]>([
  ['a directory', () => mkdir(record())],
  ['a link', () => symlink('/etc/passwd', record())],
])('clears away %s in the place of the record, and follows nothing', async (_what, plant) => {
  await stageOne();
  await rm(record());
  await plant();
  await staging.cleanup();
  expect([await staging.current(), (await lstat('/etc/passwd')).isFile()]).toEqual([undefined, true]);
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
  expect([await filesWithoutLocks(), await readFile(join(updates, 'previous/1.2.0.exe'))]).toEqual([
    ['previous/1.1.0.exe', 'previous/1.2.0.exe'],
    bytesOf('1.2.0'),
  ]);
});

describe('cleanup', () => {
  /** A file with an old date. */
  async function old(path: string): Promise<void> {
    await mkdir(join(updates, path, '..'), { recursive: true });
    await writeFile(join(updates, path), '');
    await utimes(join(updates, path), 1, 1);
  }

  it('removes old files and none that is needed', async () => {
    await stageOne();
    await writeFile(join(updates, 'journal.json'), '{}');
    await mkdir(join(updates, 'staged/hand-over'));
    await writeFile(join(updates, 'staged/hand-over/artifact'), '');
    await old(`downloads/${'b'.repeat(32)}.exe.part`);
    await old(`downloads/${'b'.repeat(32)}.exe.part.json`);
    await old('downloads/planted');
    await old('.history.json.aa.tmp');
    await old('trust/timestamp.json');
    const kept = await filesWithoutLocks();
    await staging.cleanup();
    expect([kept.filter((path) => !path.includes('bbb')), await filesWithoutLocks()]).toEqual([
      expect.arrayContaining(['downloads/planted']),
      kept.filter((path) => !/bbb|planted|\.tmp$/.test(path)),
    ]);
  });

  it('does not touch a download that another process continues, however old it is', async () => {
    const part = `downloads/${'b'.repeat(32)}.exe.part`;
    await old(part);
    await old(`${part}.lock`);
    const lock = await acquireLock(join(updates, `${part}.lock`), { waitMs: 0 });
    await staging.cleanup();
    const during = await filesBelow(updates);
    lock?.release();
    await utimes(join(updates, `${part}.lock`), 1, 1);
    await staging.cleanup();
    expect([during.includes(part), (await filesBelow(updates)).filter((path) => path.includes('bbb'))]).toEqual([
      true,
      [],
    ]);
  });

  it('creates no missing directory', async () => {
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
  it('stage, drop and clean up at the same time: the recorded files remain, and no others', async () => {
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
      expect([
        ends.map(({ status }) => status),
        (await filesWithoutLocks()).filter((path) => !known.test(path)),
      ]).toEqual([['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled'], []]);
      await staging.discard();
    }
  });
});

describe('the directories', () => {
  const modes = async () =>
    Promise.all(['', 'downloads', 'staged'].map(async (name) => (await lstat(join(updates, name))).mode & 0o777));

  it('are private, and made private if they were not', async () => {
    await stageOne();
    const fresh = await modes();
    for (const name of ['', 'downloads', 'staged']) await chmod(join(updates, name), 0o777);
    await staging.discard();
    await stageOne();
    expect([fresh, await modes()]).toEqual([
      [0o700, 0o700, 0o700],
      [0o700, 0o700, 0o700],
    ]);
  });

  it.each(['', 'downloads', 'staged'])(
    'are refused where a file or a link stands in the place of `%s`',
    async (name) => {
      await mkdir(updates);
      const path = join(updates, name);
      await rm(path, { recursive: true, force: true });
      await writeFile(path, '');
      const file = await stageOne().catch((error: unknown) => error);
      await rm(path);
      await symlink(home, path);
      const link = await stageOne().catch((error: unknown) => error);
      expect([file, link]).toMatchObject([{ code: 'STAGE_DISK' }, { code: 'STAGE_DISK' }]);
    },
  );

  /** As another user: the shell answers yes or no. */
  function asNobody(command: string): string {
    return execFileSync(
      'setpriv',
      ['--reuid=65534', '--clear-groups', 'sh', '-c', `${command} > /dev/null 2>&1 && echo yes || echo no`],
      {
        encoding: 'utf8',
      },
    ).trim();
  }

  it('cannot be read or written by another user', requires(root), async () => {
    await stageOne();
    const staged = (await staging.current())?.path ?? '';
    expect(
      [
        `ls '${updates}'`,
        `cat '${staged}'`,
        `cat '${record()}'`,
        `touch '${updates}/planted'`,
        `touch '${updates}/downloads/planted'`,
        `mv '${staged}' '${staged}.gone'`,
        `ls '${home}'`,
      ].map(asNobody),
    ).toEqual(['no', 'no', 'no', 'no', 'no', 'no', 'yes']);
  });

  it.each(['', 'downloads', 'staged'])('are refused where `%s` is another user’s', requires(root), async (name) => {
    await mkdir(join(updates, name), { recursive: true });
    await chown(join(updates, name), 65534, 65534);
    await writeFile(join(updates, name, 'theirs'), '');
    await expect(stageOne()).rejects.toMatchObject({ code: 'STAGE_DISK' });
    await staging.cleanup();
    expect(await filesBelow(join(updates, name))).toContain('theirs');
  });
});
