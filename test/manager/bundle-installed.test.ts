import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, cp, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, type DemoWorld } from '../../scripts/demo/world.ts';
import type { PackagedDemo } from '../../scripts/package-demo.ts';
import { readTar } from '../../src/files/tar.ts';
import { writeUpdateFiles } from '../../src/publish/init/write-config.ts';
import { canShowWindows } from '../playwright/windows.ts';
import { jsonOf, startCli } from '../publish/cli-world.ts';

const standIn = resolve(import.meta.dirname, '../stand-in/electron.sh');
const main = pathToFileURL(resolve(import.meta.dirname, 'bundle-app/main.ts')).href;

/**
 * A bundle's whole way: a real repository and publisher, `electron-tuf bundle`, and an installed app that has no network.
 * The app runs on the stand-in for Electron; what stands in the place of an AppImage is a script that starts it.
 */
describe.skipIf(!canShowWindows)('an installed app and a bundle', () => {
  let directory: string;
  let world: DemoWorld;
  let builds: ReadonlyMap<string, PackagedDemo>;
  let homes = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bundle-app-'));
    world = await createDemoWorld(directory);
    const made = await Promise.all(['0.9.0', '1.0.0', '1.1.0', '1.2.0'].map(async (version) => build(version)));
    builds = new Map(made.map((one) => [one.version, one]));
    await publish('1.0.0');
    await publish('1.1.0');
    await bundle('good', 'update');
    await bundle('first', 'update', '--version=1.0.0');
    await publish('1.2.0', 'beta');
    await bundle('beta', 'update', '--channel=beta');
    await otherApp();
    await world.goOffline();
    await spoil();
  });
  afterAll(async () => {
    await endProcessesOf(directory);
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** A program with the update files embedded, and the file that is installed: it starts the program. */
  async function build(version: string): Promise<PackagedDemo> {
    const program = join(directory, 'programs', version);
    await mkdir(join(program, 'resources/app'), { recursive: true });
    await cp(world.update, join(program, 'resources/update'), { recursive: true });
    await writeFile(join(program, 'resources/app/main.mjs'), `await import(${JSON.stringify(main)});\n`);
    const description = { name: 'notes', productName: 'Notes', version, main: 'main.mjs' };
    await writeFile(join(program, 'resources/app/package.json'), JSON.stringify(description));
    const out = join(directory, 'releases', version);
    const artifact = join(out, `Notes-${version}-linux-${process.arch}.AppImage`);
    await mkdir(out, { recursive: true });
    await writeFile(
      artifact,
      `#!/bin/sh\nexport APPIMAGE="$(readlink -f "$0")" APPDIR='${program}' ARGV0="$0" OWD="$PWD"\nexec '${standIn}' '--stand-in-for=${program}/notes' "$@"\n`,
    );
    await chmod(artifact, 0o755);
    return { version, directory: out, artifact, length: 0 };
  }

  async function publish(version: string, channel = 'stable'): Promise<void> {
    await world.publish(need(builds.get(version)), { channel });
  }

  async function bundle(name: string, update: string, ...more: readonly string[]): Promise<void> {
    const args = [`--update=${update}`, `--platform=linux-${process.arch}`, `--out=${name}.bundle`, '--json', ...more];
    const result = await startCli(directory, ['bundle', ...args]).done;
    if (result.code !== 0) throw new Error(result.stderr);
    expect(jsonOf(result)).toMatchObject({ kinds: ['appimage'] });
  }

  /** Another app of somebody else's. */
  async function otherApp(): Promise<void> {
    const other = await createDemoWorld(join(directory, 'other'));
    await other.publish(need(builds.get('1.1.0')));
    await bundle('other', 'other/update');
    await writeUpdateFiles(join(directory, 'other/update'), {
      root: await readFile(join(world.update, 'root.json')),
      config: { ...world.config, app: 'org.example.other' },
    });
    await other.close();
  }

  /** What can become of a bundle on its way. */
  async function spoil(): Promise<void> {
    const path = join(directory, 'good.bundle');
    const bytes = await readFile(path);
    const file = await open(path);
    const entries = await readTar(file);
    await file.close();
    const places = { artifact: /AppImage$/, index: /linux-\w+\.json$/, timestamp: /timestamp\.json$/ };
    for (const [name, pattern] of Object.entries(places)) {
      const entry = need(entries.find((one) => pattern.test(one.name)));
      const spoilt = Buffer.from(bytes);
      const at = entry.offset + Math.trunc(entry.length / 2);
      spoilt.writeUInt8((spoilt.readUInt8(at) ^ 1) & 0xff, at);
      await writeFile(join(directory, `${name}.bundle`), spoilt);
    }
    const artifact = need(entries.find((one) => places.artifact.test(one.name)));
    const header = bytes.lastIndexOf(artifact.name.slice(-100), artifact.offset);
    const missing = Buffer.concat([bytes.subarray(0, header), Buffer.alloc(1024)]);
    await writeFile(join(directory, 'missing.bundle'), missing);
    await writeFile(join(directory, 'cut.bundle'), bytes.subarray(0, artifact.offset + 20));
  }

  /** Puts a version into a home of its own. */
  async function install(version: string): Promise<{ readonly home: string; readonly executable: string }> {
    homes += 1;
    const home = join(directory, 'homes', String(homes));
    const executable = join(home, 'Notes.AppImage');
    await mkdir(join(home, 'tmp'), { recursive: true });
    await copyFile(need(builds.get(version)).artifact, executable);
    return { home, executable };
  }

  /** Runs the app until it ends: what became of each bundle. */
  async function take(
    { home, executable }: Awaited<ReturnType<typeof install>>,
    names: readonly string[],
    daysAhead = 0,
  ): Promise<readonly string[]> {
    const child = spawn(executable, [], {
      cwd: home,
      env: {
        ...homeEnvironment(home),
        NOTES_BUNDLES: names.map((name) => join(directory, `${name}.bundle`)).join(':'),
        NOTES_CLOCK_AHEAD: String(daysAhead),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output = text(child.stdout);
    await once(child, 'close');
    return (await output).trimEnd().split('\n');
  }

  const sha256 = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');

  it('installs it and starts the new version, without network', async () => {
    const app = await install('1.0.0');
    expect(await take(app, ['good'])).toEqual(['staged 1.1.0']);
    await expect.poll(async () => readFile(join(app.home, 'version'), 'utf8').catch(() => 'not yet')).toBe('1.1.0');
    expect(await sha256(app.executable)).toBe(await sha256(need(builds.get('1.1.0')).artifact));
  });

  it('refuses what is not whole, not ours or not there, and takes the good one after that', async () => {
    const app = await install('1.0.0');
    const names = ['index', 'timestamp', 'cut', 'other', 'nowhere', 'missing', 'artifact', 'good'];
    const lines = await take(app, names);
    expect(Object.fromEntries(names.map((name, at) => [name, lines[at]]))).toEqual({
      index: 'TRUST_MISMATCH',
      timestamp: 'TRUST_UNSIGNED',
      cut: 'OPTIONS_INVALID',
      other: 'TRUST_UNSIGNED',
      nowhere: 'OPTIONS_INVALID',
      missing: 'RELEASE_NOT_FOUND',
      artifact: 'DOWNLOAD_MISMATCH',
      good: 'staged 1.1.0',
    });
  });

  it('refuses one of another channel, and what is not newer; installs an older release that is newer here', async () => {
    const [current, newer] = await Promise.all([install('1.0.0'), install('1.1.0')]);
    expect([await take(current, ['beta']), await take(newer, ['first'])]).toEqual([
      ['RELEASE_NOT_FOUND'],
      ['RELEASE_NOT_FOUND'],
    ]);
    expect([await take(await install('0.9.0'), ['first'])]).toEqual([['staged 1.0.0']]);
  });

  it.each([
    [28, 'staged 1.1.0'],
    [33, 'TRUST_EXPIRED'],
  ])('%i days later: %s, for its metadata lived a day and is taken for 30 days more', async (days, expected) => {
    expect(await take(await install('1.0.0'), ['good'], days)).toEqual([expected]);
  });
});

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('A step before has not done its work.');
  return value;
}
