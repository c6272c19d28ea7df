// @module-tag slow
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { type InstalledApp, installDemo } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, createSigningKey, type DemoWorld } from '../../scripts/demo/world.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { createDemoPackager, type PackagedDemo } from '../../scripts/package-demo.ts';
import { hashFile } from '../../src/files/hash-file.ts';
import { serveRepository } from '../../src/repository/index.ts';
import { consistentName } from '../../src/shared/target-path.ts';
import { mounting, requires } from '../support/requires.ts';

/** The line that the app ends with; Chromium may print others. */
const errorCode = /^([A-Z][A-Z_]+): /m;

/** Everything that can be wrong with what an installed app meets: a coded error, and the app works as before. */
describe('an installed app that meets', () => {
  let directory: string;
  let world: DemoWorld;
  let installed: PackagedDemo;
  let newer: PackagedDemo;

  beforeAll(async () => {
    await openDisplay();
    directory = await mkdtemp(join(tmpdir(), 'notes-bad-'));
    world = await createDemoWorld(directory);
    const packager = await createDemoPackager(directory);
    const build = async (version: string): Promise<PackagedDemo> =>
      packager.package({ version, out: join(directory, 'releases', version), update: world.update });
    [installed, newer] = await Promise.all([build('1.0.0'), build('1.1.0')]);
    await world.publish(newer);
  }, 300_000);

  afterAll(async () => {
    await endProcessesOf(directory);
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  const install = async (home?: string): Promise<InstalledApp> =>
    installDemo(installed, home ?? (await mkdtemp(join(directory, 'home-'))));

  /** Lets the app update itself; what it printed, and what is installed afterwards. */
  const update = async (app: InstalledApp, ...args: string[]): Promise<object> => {
    const before = await fingerprint(app);
    const { code, stderr } = await app.run(['--update', ...args]);
    const after = await app.run(['--version']);
    const unchanged = (await fingerprint(app)) === before;
    return { exit: code, error: errorCode.exec(stderr)?.[1], runs: after.stdout.trim(), unchanged };
  };
  const refused = (error: string): object => ({ exit: 1, error, runs: 'Notes 1.0.0', unchanged: true });

  it('a repository with another root', async () => {
    await world.goOffline();
    onTestFinished(async () => world.goOnline());
    const port = Number(new URL(world.repository.url).port);
    const other = await serveRepository({ directory: join(directory, 'other'), port });
    try {
      expect(await update(await install())).toEqual(refused('TRUST_UNSIGNED'));
    } finally {
      await other.close();
    }
  });

  it('an index that another publisher signed', async () => {
    const forger = await createSigningKey(join(directory, 'forger.pem'));
    await world.publish(newer, { channel: 'forged', forger });
    expect(await update(await install(), '--channel=forged')).toEqual(refused('TRUST_PUBLISHER_UNSIGNED'));
  });

  it('an index that no publisher signed', async () => {
    await world.publish(newer, { channel: 'unsigned', forger: 'none' });
    expect(await update(await install(), '--channel=unsigned')).toEqual(refused('TRUST_PUBLISHER_UNSIGNED'));
  });

  it('no repository', async () => {
    await world.goOffline();
    onTestFinished(async () => world.goOnline());
    expect(await update(await install())).toEqual(refused('TRUST_OFFLINE'));
  });

  it('a channel that does not exist, or whose name is invalid', async () => {
    const app = await install();
    expect([await update(app, '--channel=nowhere'), await update(app, '--channel=../stable')]).toEqual([
      refused('TRUST_TARGET_UNKNOWN'),
      refused('OPTIONS_INVALID'),
    ]);
  });

  it('an artifact that was changed after publishing', async () => {
    const { artifacts } = await world.publish(newer);
    const { path = '', sha256 = '' } = artifacts[0] ?? {};
    const file = join(world.repository.contentDirectory, consistentName(path, sha256));
    const bytes = await readFile(file);
    onTestFinished(async () => writeFile(file, bytes));
    const changed = Buffer.from(bytes);
    const middle = Math.floor(changed.length / 2);
    changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
    await writeFile(file, changed);
    expect(await update(await install())).toEqual(refused('DOWNLOAD_MISMATCH'));
  });

  describe('a full disk', requires(mounting), () => {
    /** A file system with room for the installed app and a little more. */
    const mountSmallDisk = async (path: string): Promise<void> => {
      await mkdir(path, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${Math.round(installed.length * 1.3)}`, 'tmpfs', path]);
      onTestFinished(() => void execFileSync('umount', ['--lazy', path]));
    };

    it('while it downloads', async () => {
      const home = await mkdtemp(join(directory, 'home-'));
      await mountSmallDisk(join(home, '.local'));
      const app = await install(home);
      await writeFile(join(home, '.local/filler'), Buffer.alloc(Math.round(installed.length * 0.9)));
      expect(await update(app)).toEqual(refused('DOWNLOAD_DISK_FULL'));
    });

    it('while it installs', async () => {
      const home = await mkdtemp(join(directory, 'home-'));
      await mountSmallDisk(join(home, 'Applications'));
      expect(await update(await install(home))).toEqual(refused('INSTALL_DISK_FULL'));
    });
  });
});

/** Of the AppImage, or of every file in the portable directory. */
async function fingerprint({ executable }: InstalledApp): Promise<string> {
  if (executable.endsWith('.AppImage')) return hashFile(executable);
  const directory = dirname(await realpath(executable));
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = files.toSorted().map(async (file) => `${file} ${await hashFile(file)}`);
  return (await Promise.all(lines)).join('\n');
}
