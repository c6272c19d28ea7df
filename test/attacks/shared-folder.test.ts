import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { installRelease, layOut, openInstallation, versionOf } from '../install/faults/rig.ts';
import { type CliWorld, createCliWorld, jsonOf } from '../publish/cli-world.ts';
import { requires, root } from '../support/requires.ts';

/** The attacker: another user of this computer. The victim is who runs the tests. */
const attacker = 65_534;
const file = 'Notes-1.1.0-linux-x86_64.AppImage';

/** A publisher or administrator gives a folder of several users to `--out`. */
describe('in a folder where others may write, the command line', requires(root), () => {
  let world: CliWorld;
  let shared: string;
  let secret: string;
  let rounds = 0;
  beforeAll(async () => {
    world = await createCliWorld();
    await world.run(...world.publishArgs(await world.build('1.1.0')));
  });
  afterAll(async () => world[Symbol.asyncDispose]());
  beforeEach(async () => {
    shared = world.path(`shared ${(rounds += 1)}`);
    await mkdir(shared);
    await chmod(shared, 0o777);
    secret = join(world.directory, `secret ${rounds}`);
    await writeFile(secret, 'secret', { mode: 0o600 });
  });

  const from = ['--update', 'update', '--platform', 'linux-x64', '--json'];

  it('opens no file to others that a link leads to, while its download is swapped for that link', async () => {
    const swap = `
      const { lstatSync, renameSync, symlinkSync } = require('node:fs');
      const [secret, path] = process.argv.slice(1);
      symlinkSync(secret, path + '.link');
      process.stdout.write('ready');
      for (;;) {
        if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
        renameSync(path + '.link', path);
        process.exit();
      }`;
    const swapper = spawn(process.execPath, ['-e', swap, secret, join(shared, file)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(swapper.stdout, 'data');
      const { code } = await world.run('download', ...from, '--out', shared);
      const isLink = (await lstat(join(shared, file))).isSymbolicLink();
      const { mode } = await stat(secret);
      expect({ code, isLink, mode: mode & 0o777 }).toEqual({ code: 0, isLink: true, mode: 0o600 });
    } finally {
      swapper.kill('SIGKILL');
    }
  });

  it('writes a bundle through no link that was put under a name which can be guessed', async () => {
    const out = join(shared, 'notes.bundle');
    await symlink(secret, `${out}.part`);
    const { code } = await world.run('bundle', ...from, '--out', out);
    expect({ code, secret: await readFile(secret, 'utf8'), isBundle: (await lstat(out)).isFile() }).toEqual({
      code: 0,
      secret: 'secret',
      isBundle: true,
    });
  });

  it('takes no lock there, and touches no journal: SQLite deletes what one names', async () => {
    const planted = [`${file}.part.lock`, `${file}.part.lock-journal`];
    for (const name of planted) {
      await writeFile(join(shared, name), '');
      await chown(join(shared, name), attacker, attacker);
    }
    const { code, stdout } = await world.run('download', ...from, '--out', shared);
    expect({ code, version: (jsonOf({ stdout } as never) as { version: string }).version }).toEqual({
      code: 0,
      version: '1.1.0',
    });
    expect((await readdir(shared)).toSorted()).toEqual([file, ...planted]);
  });
});

describe('an app that a user keeps', requires(root), () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'shared-'));
  });
  afterEach(async () => rm(home, { recursive: true, force: true }));

  async function open(kind: 'appimage' | 'portable') {
    await layOut(home, kind);
    return openInstallation({ home, kind, version: '1.0.0' });
  }

  it.each([
    ['sticky', 0o1777],
    ['group', 0o775],
  ])('in a folder of several users (%s) is not updated there when it is portable, and says why', async (_, mode) => {
    const installation = await open('portable');
    const folder = join(home, 'apps');
    await chown(folder, 0, mode === 0o775 ? attacker : 0);
    await chmod(folder, mode);
    const verdict = await installation.installer.canInstall();
    expect(verdict).toMatchObject({ ok: false, state: 'needs-attention', explanation: { reason: 'folder-shared' } });
  });

  it.each<[string, (versions: string) => Promise<void>]>([
    [
      'a directory',
      async (versions) => {
        await mkdir(versions);
        await chown(versions, attacker, attacker);
      },
    ],
    [
      'a directory that anybody writes',
      async (versions) => {
        await mkdir(versions);
        await chmod(versions, 0o777);
      },
    ],
    [
      'a link',
      async (versions) => {
        await mkdir(join(home, 'theirs'));
        await symlink(join(home, 'theirs'), versions);
      },
    ],
  ])('runs nothing from %s of another user that waits for its versions', async (_, plant) => {
    const installation = await open('portable');
    const versions = join(home, 'apps/Notes.versions');
    await plant(versions);
    const theirs = join(versions, '0.9.0');
    await mkdir(theirs);
    const refusal = await installRelease(installation, 'portable');
    expect({ code: refusal?.code, runs: versionOf(installation.entry), left: await readdir(versions) }).toEqual({
      code: 'INSTALL_VERIFY',
      runs: '1.0.0',
      left: ['0.9.0'],
    });
  });

  it('puts no program of another user back as its previous version', async () => {
    const installation = await open('appimage');
    const previous = join(home, 'apps/.Notes.previous');
    await writeFile(previous, '#!/bin/sh\necho evil\n', { mode: 0o755 });
    await chown(previous, attacker, attacker);
    const { swapBack, swapPaths } = await import('../../src/main/install/location/swap-paths.ts');
    const isBack = await swapBack(swapPaths(installation.entry));
    expect({ isBack, runs: versionOf(installation.entry) }).toEqual({ isBack: false, runs: '1.0.0' });
  });
});
