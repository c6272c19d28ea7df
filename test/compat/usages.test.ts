// @module-tag slow
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { build } from 'tsdown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { endProcessesOf } from '../../scripts/demo/processes.ts';
import type { Arch } from '../../src/shared/platform-target.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';
import { keySetOf, publisherKey, sealIndex } from '../support/publisher.ts';
import { app, indexOf, releaseOf } from '../support/release-index.ts';
import { createTufWriter } from '../support/tuf-writer.ts';
import { serveDirectory, type WebServer } from '../support/web-server.ts';
import { artifact } from '../support/world.ts';
import { writeLatest } from './electron-updater.ts';

/**
 * What public apps do with electron-updater, one file each in usages/. Each is compiled and run with
 * electron-updater, and with ours in its place: nothing but the import differs. The page for people who migrate lists
 * them, and is held to what came of it. AppImages are scripts, Electron is a stand-in.
 */
const root = resolve(import.meta.dirname, '../..');
const directory = join(import.meta.dirname, 'usages');
const usages = (await readdir(directory)).toSorted();
const nameOf = (file: string): string => file.replace(/\.[cm]?ts$/, '');
const sides = ['theirs', 'ours'] as const;
type Side = (typeof sides)[number];

const building = {
  ...({ platform: 'node', target: 'node22', dts: false, config: false, logLevel: 'silent', clean: false } as const),
  deps: { neverBundle: ['electron', 'electron-updater'] },
};

interface Told {
  readonly result?: unknown;
  readonly failure?: string;
  readonly warnings: readonly string[];
}

/** The page's rows: the name of a usage, and the properties of which a warning tells. */
async function listedUsages(): Promise<ReadonlyMap<string, readonly string[]>> {
  const page = await readFile(join(root, 'docs/migrate-from-electron-updater.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\|.+\| (.+?) +\|$/gmu)];
  return new Map(
    rows.map(([, name = '', here = '']) => [name, [...here.matchAll(/`([A-Za-z]+)`/gu)].map(([, word = '']) => word)]),
  );
}

describe('what apps do with electron-updater', () => {
  let home: string;
  let site: WebServer;
  let repository: WebServer;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'usages-'));
    await symlink(join(root, 'node_modules'), join(home, 'node_modules'));
    // As apps are built: plain ESM cannot import names from electron-updater.
    const entries = usages.filter((file) => file.endsWith('.ts')).map((file) => join(directory, file));
    await build({ ...building, entry: entries, outDir: join(home, 'built'), format: 'cjs' });
    const ours = join(root, 'src/compat/index.ts');
    await build({ ...building, entry: { ours }, outDir: join(home, 'ours'), format: ['esm', 'cjs'] });
    const started = `#!/bin/sh\nset -e\necho 1.1.0 >"$HOME/started"\n`;
    await mkdir(join(home, 'site'));
    await writeLatest(join(home, 'site'), '1.1.0', Buffer.from(started));
    site = await serveDirectory(join(home, 'site'));
    const writer = await createTufWriter(join(home, 'repository'));
    repository = await serveDirectory(join(home, 'repository'));
    const keys = [publisherKey(), publisherKey()];
    const target = { platform: 'linux', arch: process.arch as Arch } as const;
    const made = artifact('1.1.0', started);
    const arches = [target.arch];
    const entry = { ...made.entry, arches };
    const file = { ...made.file, custom: { ...made.file.custom, arches } };
    const release = releaseOf('1.1.0', { artifacts: [entry], notes: { en: 'New tags' } });
    const index = indexOf([release], { revision: 10, arch: target.arch });
    await writer.publish(file, { path: releaseIndexPath(app, 'stable', target), bytes: sealIndex(index, keys) });
    const config = {
      schema: 1,
      app,
      channel: 'stable',
      publisher: keySetOf(keys),
      metadataUrl: `${repository.url}/metadata/`,
      targetsUrls: [`${repository.url}/content/`],
    };
    const resources = join(home, 'mount/resources');
    await mkdir(join(resources, 'update'), { recursive: true });
    await mkdir(join(home, 'empty'));
    await writeFile(join(resources, 'update/update.json'), JSON.stringify(config));
    await writeFile(join(resources, 'update/root.json'), writer.anchor);
    await writeFile(
      join(resources, 'app-update.yml'),
      `provider: generic\nurl: ${site.url}\nupdaterCacheDirName: notes-updater\n`,
    );
  });
  afterAll(async () => {
    await endProcessesOf(home);
    await site.close();
    await repository.close();
    await rm(home, { recursive: true, force: true });
  });

  async function runUsage(side: Side, file: string): Promise<Told> {
    const own = join(home, side, nameOf(file));
    await mkdir(join(own, 'tmp'), { recursive: true });
    const appImage = join(own, 'Notes.AppImage');
    await writeFile(appImage, '#!/bin/sh\nexit 0\n');
    await chmod(appImage, 0o755);
    const mount = join(home, nameOf(file) === 'no-config' ? 'empty' : 'mount');
    const resources = join(mount, 'resources');
    const env = {
      PATH: process.env['PATH'],
      HOME: own,
      TMPDIR: join(own, 'tmp'),
      APPIMAGE: appImage,
      XDG_CACHE_HOME: join(own, 'cache'),
      APPDIR: mount,
      NOTES_FEED: site.url,
    };
    const usage = file.endsWith('.ts') ? join(home, 'built', `${nameOf(file)}.cjs`) : join(directory, file);
    const child = join(import.meta.dirname, 'usage-rig/child.ts');
    const { stdout } = await promisify(execFile)(
      join(root, 'node_modules/.bin/node'),
      [child, usage, resources, ...(side === 'ours' ? [join(home, 'ours/ours')] : [])],
      { env, cwd: own, timeout: 30_000 },
    ).catch((error: unknown) => error as { stdout: string });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
  }

  it('is listed in the page about migration', async () => {
    expect([...(await listedUsages()).keys()].toSorted()).toEqual(usages.map(nameOf));
  });

  it.each(sides)('compiles with %s', async (side) => {
    const tsconfig = join(home, `tsconfig-${side}.json`);
    const options = side === 'ours' ? { paths: { 'electron-updater': [join(root, 'src/compat/index.ts')] } } : {};
    const compilerOptions = { ...options, noEmit: true, rootDir: '/', typeRoots: [join(root, 'node_modules/@types')] };
    await writeFile(
      tsconfig,
      JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [join(directory, '*')] }),
    );
    const output = await promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', tsconfig]).then(
      ({ stdout }) => stdout,
      ({ stdout }: { readonly stdout: string }) => stdout,
    );
    expect(output).toBe('');
  });

  it.each(usages)('%s runs with both, with the same result', async (file) => {
    const [theirs, ours] = await Promise.all(sides.map(async (side) => runUsage(side, file)));
    const warned = ours?.warnings.map((line) => /^autoUpdater\.(\w+):/u.exec(line)?.[1] ?? line);
    expect({ theirs: theirs?.failure, ours: ours?.failure }).toEqual({ theirs: undefined, ours: undefined });
    expect({ result: ours?.result, warned: [...new Set(warned)] }).toEqual({
      result: theirs?.result,
      warned: (await listedUsages()).get(nameOf(file)),
    });
    if (nameOf(file) !== 'restart') return;
    for (const side of sides) {
      await expect
        .poll(async () => readFile(join(home, side, 'restart/started'), 'utf8').catch(String), { timeout: 10_000 })
        .toBe('1.1.0\n');
    }
  });
});
