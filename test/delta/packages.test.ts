// @module-tag slow
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import { deltaSeeds } from '../../src/main/install/location/delta-seeds.ts';
import { app, type CliWorld, createCliWorld } from '../publish/cli-world.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { requires } from '../support/requires.ts';

/** Sends a deb and a portable archive, compressed as by electron-builder, through the real publisher and downloader. */

const files = { 'opt/notes/notes': 3_000_000, 'opt/notes/resources/app.asar': 1_200_000 };

/** The installed tree of a version. One line of the app differs between versions. */
async function writeTree(directory: string, version: string): Promise<void> {
  for (const [name, size] of Object.entries(files)) {
    const bytes = seededBytes(size, name.length);
    if (name.endsWith('asar')) bytes.write(`this is version ${version}\n`, size / 2);
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), bytes);
  }
}

interface Format {
  readonly file: (version: string) => string;
  /** Builds the file at `to` from an installed tree. */
  readonly pack: (tree: string, to: string, version: string) => Promise<void>;
  /** Unpacks what a client downloaded. */
  readonly unpack: (file: string, to: string) => void;
}

const deb: Format = {
  file: (version) => `notes-${version}-amd64.deb`,
  async pack(tree, to, version) {
    await mkdir(join(tree, 'DEBIAN'));
    const control = { Package: 'notes', Version: version, Architecture: 'amd64', Maintainer: 'a <a@example.org>' };
    const lines = Object.entries({ ...control, Description: 'notes' }).map((pair) => `${pair.join(': ')}\n`);
    await writeFile(join(tree, 'DEBIAN/control'), lines.join(''));
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, to], { stdio: 'ignore' });
  },
  unpack: (file, to) => execFileSync('dpkg-deb', ['--extract', file, to]),
};

const portable: Format = {
  file: (version) => `notes-${version}-x64.tar.gz`,
  pack: async (tree, to) => Promise.resolve(void execFileSync('tar', ['-czf', to, '-C', tree, '.'])),
  unpack(file, to) {
    execFileSync('mkdir', ['-p', to]);
    execFileSync('tar', ['-xf', file, '-C', to]);
  },
};

async function publish(world: CliWorld, version: string, format: Format): Promise<void> {
  const [tree, build] = [world.path(`tree-${version}`), world.path(`out-${version}`)];
  await mkdir(build);
  await writeTree(tree, version);
  await format.pack(tree, join(build, format.file(version)), version);
  const where = ['--version', version, '--platform', 'linux-x64'];
  const { code, stderr } = await world.run(...world.publishArgs(build, '--store', ...where));
  expect([code, stderr]).toEqual([0, expect.any(String)]);
}

interface Updated {
  readonly plan: string;
  readonly file: string;
  readonly received: number;
  readonly length: number;
}

/** An update by an installed app. The installer finds its seeds. */
async function update(world: CliWorld, from: string, seeds: readonly string[]): Promise<Updated> {
  const directory = world.path(`client-${seeds.length}`);
  const client = createClient({
    config: world.config,
    anchor: { type: 'root', bytes: await readFile(join(world.repository.store.places.metadata, '1.root.json')) },
    directory,
  });
  try {
    const query = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
    const [release] = (await client.trust.releaseIndex(query)).releases;
    const artifact = release?.artifacts[0];
    if (release === undefined || artifact === undefined) throw new Error('nothing is published');
    const { target, delta } = await client.trust.artifact(query, release, artifact, { installed: from });
    if (delta === undefined) throw new Error('there is no delta');
    const request = { target, to: join(directory, 'new'), delta: { ...delta, seeds } };
    const plan = await client.download.plan(request);
    const { bytesReceived, path } = await client.download.start(request).done;
    return { plan: plan.kind, file: path, received: bytesReceived, length: target.length };
  } finally {
    await client.close();
  }
}

describe('publish --store', requires('dpkg-deb', 'tar'), () => {
  it.each([
    ['a deb', deb],
    ['a portable archive', portable],
  ])(
    'makes updates of %s small, from the kept file and from the installed tree',
    { timeout: 120_000 },
    async (_name, format) => {
      await using world = await createCliWorld();
      await publish(world, '1.0.0', format);
      await publish(world, '1.1.0', format);
      const content = join(world.repository.contentDirectory, app, 'releases/1.0.0');
      const kept = (await readdir(content)).find((name) => name.startsWith('notes') && /\.(deb|tar)$/.test(name)) ?? '';
      // What remains of 1.0.0 after its install: its files, and the installer next to the state if it was kept.
      const resourcesPath = join(world.path('tree-1.0.0'), 'opt/notes/resources');
      const facts = { resourcesPath } as Parameters<typeof deltaSeeds>[0];
      const tree = await deltaSeeds(facts, world.path('state'), undefined);
      const [byPatch, byChunks] = [
        await update(world, '1.0.0', [join(content, kept)]),
        await update(world, '1.0.0', tree),
      ];
      const extracted = world.path('extracted');
      format.unpack(byChunks.file, extracted);
      const asar = await readFile(join(extracted, 'opt/notes/resources/app.asar'));
      expect({
        plans: [byPatch.plan, byChunks.plan],
        small: [byPatch.received < 2000, byChunks.received < byChunks.length / 3],
        same: (await readFile(byPatch.file)).equals(await readFile(byChunks.file)),
        content: asar.equals(await readFile(join(world.path('tree-1.1.0'), 'opt/notes/resources/app.asar'))),
      }).toEqual({ plans: ['patch', 'chunks'], small: [true, true], same: true, content: true });
    },
  );
});
