// @module-tag slow
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { acquireLock } from '../../../src/files/lock.ts';
import { parseHandOverResult, rootStateDirectory } from '../../../src/shared/native-package.ts';
import { requires, root } from '../../support/requires.ts';
import { attempt as attemptIn } from '../../install/native/attempt.ts';
import { makePackage, programsOf } from '../../install/native/packages.ts';
import { turnMs } from '../../install/native/turns.ts';
import {
  createNativeWorld,
  giveTo,
  type NativeWorld,
  nobody,
  placeRuntime,
  type Staged,
} from '../../install/native/world.ts';

const run = promisify(execFile);

/** The root side is started as pkexec starts it; everything else is what a user without rights can do to it. */
describe('the root side', requires(root, ...programsOf.rpm), () => {
  let runtime: Awaited<ReturnType<typeof placeRuntime>>;
  let world: NativeWorld;
  /** An honest hand-over of 1.1.0, and a copy of it for each test to spoil. */
  let honest: Staged;
  let bytes: Buffer;
  let spoilt: string;
  let count = 0;

  beforeAll(async () => {
    runtime = await placeRuntime();
    world = await createNativeWorld('rpm', runtime.path);
    bytes = await world.release('1.1.0');
    honest = await world.stage('1.1.0');
  }, turnMs);
  afterAll(async () => {
    await world?.close();
    await runtime?.remove();
  });
  beforeEach(async () => {
    spoilt = join(world.directory, `spoilt ${(count += 1)}`);
    await cp(honest.handOver, spoilt, { recursive: true });
    await giveTo(nobody, spoilt);
  });

  const attempt = async (args: readonly string[] = [spoilt], env: Readonly<Record<string, string>> = {}) =>
    attemptIn(world, args, env);
  const refused = (code: string) => ({ code, installed: '1.0.0' });

  describe('given another package', () => {
    it.each([
      [
        'one byte changed',
        (good: Buffer) => Buffer.concat([good.subarray(0, -1), Buffer.from([1 + (good.at(-1) ?? 0)])]),
      ],
      ['cut', (good: Buffer) => good.subarray(0, -1)],
      ['longer', (good: Buffer) => Buffer.concat([good, Buffer.from([0])])],
      ['empty', () => Buffer.alloc(0)],
    ])('%s: nothing is installed', async (_, change) => {
      await writeFile(join(spoilt, 'artifact'), change(bytes));
      expect(await attempt()).toEqual(refused('INSTALL_VERIFY'));
    });

    it('without an end: no more than the signed length is read', async () => {
      await truncate(join(spoilt, 'artifact'), 2 ** 40);
      expect(await attempt()).toEqual(refused('INSTALL_VERIFY'));
    });

    it.each([
      ['a link', async (path: string) => symlink(honest.job.staged.path, path)],
      ['a directory', async (path: string) => mkdir(path)],
      ['a pipe that nobody writes', async (path: string) => void (await run('mkfifo', [path]))],
      ['missing', async () => undefined],
      [
        'a file that its user could not read',
        async (path: string) => {
          await writeFile(path, bytes, { mode: 0o600 });
        },
      ],
      [
        "a hard link to root's own file",
        async (path: string) => {
          const secret = join(world.directory, 'secret');
          await rm(secret, { force: true });
          await writeFile(secret, bytes, { mode: 0o600 });
          await link(secret, path);
        },
      ],
    ])('%s: nothing is installed', async (_, plant) => {
      const path = join(spoilt, 'artifact');
      await rm(path);
      await plant(path);
      expect(await attempt()).toEqual(refused('INSTALL_VERIFY'));
    });
  });

  describe('given other metadata', () => {
    it('nothing at all: refused', async () => {
      await rm(join(spoilt, 'trust'), { recursive: true });
      await mkdir(join(spoilt, 'trust'));
      expect((await attempt()).installed).toBe('1.0.0');
    });

    it("another repository's for the same app, with its own root.json and publisher keys beside it", async () => {
      const other = await createNativeWorld('rpm', runtime.path, { app: world.app });
      try {
        await other.release('1.1.0');
        const { handOver } = await other.stage('1.1.0');
        for (const name of ['root.json', 'update.json']) {
          await copyFile(join(other.directory, 'update', name), join(handOver, name));
          await copyFile(join(other.directory, 'update', name), join(handOver, 'trust', name));
        }
        await copyFile(join(other.directory, 'update/root.json'), join(handOver, 'trust/2.root.json'));
        await giveTo(nobody, handOver);
        const { code, installed } = await attempt([handOver]);
        expect([code, installed]).toEqual([expect.stringMatching(/^TRUST_/), '1.0.0']);
      } finally {
        await other.close();
      }
    });

    it("another app's hand-over, honest in itself", async () => {
      const other = await createNativeWorld('rpm', runtime.path);
      try {
        await other.release('1.1.0');
        const { handOver } = await other.stage('1.1.0');
        const { code, installed } = await attempt([handOver]);
        expect([code, installed]).toEqual([expect.stringMatching(/^TRUST_/), '1.0.0']);
      } finally {
        await other.close();
      }
    });
  });

  describe('given another request', () => {
    it.each([
      ['a version that is not signed', { version: '6.6.6' }, 'INSTALL_VERIFY'],
      ['a version that is a path', { version: '../../../../tmp/x' }, 'INSTALL_VERIFY'],
      [
        'a channel that does not exist',
        { channel: 'beta' },
        expect.stringMatching(/^TRUST_(FILE_MISSING|TARGET_UNKNOWN)$/) as string,
      ],
      ['a channel that is a path', { channel: '../stable' }, 'OPTIONS_INVALID'],
      ['an architecture of other machines', { arch: 'arm64' }, 'INSTALL_VERIFY'],
      ['no version', { version: 7 }, 'INSTALL_VERIFY'],
      ['another schema', { schema: 2 }, 'INSTALL_VERIFY'],
    ])('%s: nothing is installed', async (_, change, code) => {
      await changeRequest(change);
      expect(await attempt()).toEqual(refused(code));
    });

    it.each([
      ['no JSON', async (path: string) => writeFile(path, 'version=1.1.0')],
      ['a megabyte', async (path: string) => writeFile(path, ' '.repeat(1_000_000))],
      [
        'a link to what only root reads',
        async (path: string) => {
          await rm(path);
          await symlink('/etc/shadow', path);
        },
      ],
    ])('%s: nothing is installed', async (_, plant) => {
      await plant(join(spoilt, 'request.json'));
      expect(await attempt()).toEqual(refused('INSTALL_VERIFY'));
    });

    async function changeRequest(change: object): Promise<void> {
      const path = join(spoilt, 'request.json');
      await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...change }));
    }
  });

  describe('given other arguments', () => {
    it.each([
      ['none', []],
      ['two', ['/tmp', '/tmp']],
      ['a relative one', ['tmp']],
      ["Node's", ['--eval', 'process.exit(0)']],
    ])('%s: nothing is installed', async (_, args) => {
      expect(await attempt(args)).toEqual(refused('INSTALL_FAILED'));
    });

    it('a link to a directory: nothing is installed', async () => {
      await symlink(spoilt, `${spoilt}.link`);
      expect(await attempt([`${spoilt}.link`])).toEqual(refused('INSTALL_VERIFY'));
    });

    it('run by a user: nothing is installed', async () => {
      const args = ['--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups', world.launcher, spoilt];
      const { stdout } = await run('setpriv', args).catch((error: unknown) => error as { stdout: string });
      expect([parseHandOverResult(stdout), (await world.installed()).files]).toEqual([
        expect.objectContaining({ code: 'INSTALL_FAILED' }),
        '1.0.0',
      ]);
    });
  });

  describe('where somebody else could have changed it', () => {
    const at = (name: string): string => join(world.installDirectory, name);

    it.each([
      ['root.json written by a group', 'resources/update/root.json', 0o664, 0],
      ['update.json written by anybody', 'resources/update/update.json', 0o666, 0],
      ['a helper of its user', 'resources/update/root-helper.mjs', 0o644, nobody],
      ['package-type of its user', 'resources/package-type', 0o644, nobody],
      ['the launcher of its user', 'resources/update/install-update', 0o755, nobody],
      ['installed.json of its user', 'resources/update/installed.json', 0o644, nobody],
      ['a directory that anybody writes', 'resources', 0o777, 0],
      ['a sticky one, even', '.', 0o1777, 0],
    ])('%s: nothing is installed', async (_, name, mode, uid) => {
      const path = at(name);
      const isDirectory = ['.', 'resources'].includes(name);
      const before = name.endsWith('install-update') || isDirectory ? 0o755 : 0o644;
      await chmod(path, mode);
      await chown(path, uid, uid);
      const result = await attempt();
      await chown(path, 0, 0);
      await chmod(path, before);
      expect(result).toEqual(refused('INSTALL_VERIFY'));
    });

    it('root.json a link to a file of its user: nothing is installed', async () => {
      const [path, kept] = [at('resources/update/root.json'), at('resources/update/kept')];
      await copyFile(path, join(spoilt, 'root.json'));
      await giveTo(nobody, spoilt);
      await rename(path, kept);
      await symlink(join(spoilt, 'root.json'), path);
      const result = await attempt();
      await rename(kept, path);
      expect(result).toEqual(refused('INSTALL_VERIFY'));
    });

    it('the runtime of its user: nothing is installed', async () => {
      await chown(runtime.path, nobody, nobody);
      const result = await attempt();
      await chown(runtime.path, 0, 0);
      expect(result).toEqual(refused('INSTALL_VERIFY'));
    });

    it("root's own place taken by somebody: nothing is installed", async () => {
      const place = join(rootStateDirectory, world.app);
      await world.forget();
      await mkdir(rootStateDirectory, { recursive: true });
      await mkdir(join(spoilt, 'mine'));
      await symlink(join(spoilt, 'mine'), place);
      const linked = await attempt();
      await rm(place);
      await mkdir(place);
      await chown(place, nobody, nobody);
      const owned = await attempt();
      await rm(place, { recursive: true });
      expect([linked, owned]).toEqual([refused('INSTALL_VERIFY'), refused('INSTALL_VERIFY')]);
    });
  });

  it('waits for nobody: while another install runs, it refuses', async () => {
    const lock = await acquireLock(join(rootStateDirectory, world.app, 'lock'));
    const result = await attempt();
    lock?.release();
    expect(result).toEqual(refused('INSTALL_FAILED'));
  });

  it('installs what was signed or nothing, while the artifact is swapped all the time', async () => {
    const evil = join(world.directory, 'evil.bin');
    await copyFile(await evilPackage(), evil);
    const swap = `
      const { renameSync, copyFileSync, linkSync, rmSync, symlinkSync } = require('node:fs');
      const [good, evil, path] = process.argv.slice(1);
      process.stdout.write('ready');
      for (let round = 0; ; round += 1) {
        const source = round % 2 === 0 ? evil : good;
        rmSync(path + '.next', { force: true });
        if (round % 3 === 0) symlinkSync(source, path + '.next'); else linkSync(source, path + '.next');
        renameSync(path + '.next', path);
      }`;
    const swapper = spawn(process.execPath, ['-e', swap, honest.job.staged.path, evil, join(spoilt, 'artifact')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const codes = new Set<string>();
    const versions = new Set<string | undefined>();
    try {
      await once(swapper.stdout, 'data');
      for (let round = 0; round < 25; round += 1) {
        const { code, installed } = await attempt();
        codes.add(code);
        versions.add(installed);
      }
    } finally {
      swapper.kill('SIGKILL');
      await once(swapper, 'close');
    }
    expect([...versions].filter((one) => one !== '1.0.0' && one !== '1.1.0')).toEqual([]);
    expect([...codes].filter((one) => one !== 'installed' && one !== 'INSTALL_VERIFY')).toEqual([]);
    expect(codes).toContain('INSTALL_VERIFY');
  });

  describe('in the end', () => {
    it('ignores a planted environment, and fields that nobody asked for', async () => {
      const marker = join(world.directory, 'marker');
      const evil = join(world.directory, 'bin-evil');
      await mkdir(evil);
      for (const name of ['rpm', 'env', 'sh', 'node', 'zypper']) {
        await writeFile(join(evil, name), `#!/bin/sh\ntouch '${marker}'\n`, { mode: 0o755 });
      }
      await writeFile(join(evil, 'evil.cjs'), `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '')`);
      const planted = {
        command: `touch ${marker}`,
        url: 'http://127.0.0.1:1/',
        sha256: 'ff'.repeat(32),
        package: evil,
      };
      const path = join(spoilt, 'request.json');
      await writeFile(path, JSON.stringify({ ...(JSON.parse(await readFile(path, 'utf8')) as object), ...planted }));
      const result = await attempt([spoilt], {
        PATH: `${evil}:/usr/bin:/bin`,
        NODE_OPTIONS: `--require=${join(evil, 'evil.cjs')}`,
        NODE_PATH: evil,
        LD_PRELOAD: join(evil, 'evil.so'),
        LD_LIBRARY_PATH: evil,
        ENV: join(evil, 'sh'),
        BASH_ENV: join(evil, 'sh'),
        HOME: evil,
        ELECTRON_RUN_AS_NODE: '',
      });
      const touched = await readFile(marker).then(
        () => true,
        () => false,
      );
      expect({ ...result, touched }).toEqual({ code: 'installed', installed: '1.1.0', touched: false });
    });
  });

  /** A package that would install as version 6.6.6. */
  async function evilPackage(): Promise<string> {
    const tree = join(world.directory, 'evil-tree');
    await mkdir(join(tree, world.installDirectory, 'resources'), { recursive: true });
    await writeFile(join(tree, world.installDirectory, 'resources/app.txt'), 'this is 6.6.6\n');
    const work = join(dirname(tree), 'evil-work');
    return makePackage({ kind: 'rpm', name: world.package, version: '6.6.6', tree }, work);
  }
});
