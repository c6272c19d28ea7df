// @module-tag slow
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createClient } from '../../src/main/client.ts';
import type { DownloadPlan, ReleaseDelta } from '../../src/main/ports.ts';
import type { Artifact, ReleaseIndex } from '../../src/shared/release-index.ts';
import { consistentName } from '../../src/shared/target-path.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { requires } from '../support/requires.ts';
import { app, type CliWorld, createCliWorld, jsonOf } from './cli-world.ts';

const text = (from: number): Buffer =>
  Buffer.from(Array.from({ length: 20_000 }, (_, line) => `line ${(line + from) * 7919} of the app\n`).join(''));
/** What changes from version to version is one line. */
const contentOf = (version: string): Buffer =>
  Buffer.concat([seededBytes(200_000), text(0), Buffer.from(`version ${version}\n`), text(7)]);
const wholeLength = contentOf('1.0.0').length;

interface Published {
  readonly deltas: readonly { readonly pack: number; readonly update?: { from: string }; readonly notes: string[] }[];
  readonly registered: number;
}

async function publish(world: CliWorld, version: string, ...more: readonly string[]): Promise<Published> {
  const result = await world.run(...world.publishArgs(await world.build(version, contentOf(version)), ...more));
  expect({ exit: result.code, stderr: result.stderr }).toEqual({ exit: 0, stderr: expect.any(String) });
  return jsonOf(result) as Published;
}

async function artifactOf(world: CliWorld, version: string): Promise<Artifact | undefined> {
  const index = (await world.index()) as ReleaseIndex;
  return index.releases.find((release) => release.version === version)?.artifacts[0];
}

interface Seen {
  readonly delta: ReleaseDelta | undefined;
  readonly plan: DownloadPlan;
  readonly right: boolean;
  readonly received: number;
}

/** What an installed app of `installed` does, with its artifact as the only seed. */
async function update(world: CliWorld, installed: string, version: string): Promise<Seen> {
  const directory = world.path(`client-${installed}-${version}`);
  await mkdir(directory);
  await writeFile(join(directory, 'old'), contentOf(installed));
  const client = createClient({
    config: world.config,
    anchor: { type: 'root', bytes: await readFile(join(world.repository.store.places.metadata, '1.root.json')) },
    directory,
  });
  try {
    const query = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
    const release = (await client.trust.releaseIndex(query)).releases.find((one) => one.version === version);
    const artifact = release?.artifacts[0];
    if (release === undefined || artifact === undefined) throw new Error(`${version} is not there`);
    const { target, delta } = await client.trust.artifact(query, release, artifact, { installed });
    const request = {
      target,
      to: join(directory, 'new'),
      ...(delta === undefined ? {} : { delta: { ...delta, seeds: [join(directory, 'old')] } }),
    };
    const plan = await client.download.plan(request);
    const { bytesReceived } = await client.download.start(request).done;
    const right = (await readFile(request.to)).equals(contentOf(version));
    return { delta, plan, right, received: bytesReceived };
  } finally {
    await client.close();
  }
}

describe('electron-tuf publish', () => {
  it('makes patches from the last versions and chunks for others, and changes nothing when it runs again', async () => {
    await using world = await createCliWorld();
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await publish(world, version, '--patches', '1');
    const third = await publish(world, '1.3.0', '--patches', '2');
    const again = await publish(world, '1.3.0', '--patches', '2');
    const [near, far] = [await update(world, '1.2.0', '1.3.0'), await update(world, '1.0.0', '1.3.0')];
    const { patches, chunks, pack } = (await artifactOf(world, '1.3.0')) ?? {};
    expect({
      registered: [third.registered, again.registered],
      again: again.deltas,
      update: third.deltas[0]?.update?.from,
      patches: patches?.map(({ from }) => from),
      paths: [chunks?.path, pack],
      near: [near.plan.kind, near.delta?.patches.length, near.right, near.received === patches?.[0]?.length],
      far: [far.plan.kind, far.delta?.patches.length, far.right],
      work: await readdir(world.path('state/electron-tuf')).then((names) =>
        names.some((name) => name.startsWith('work')),
      ),
    }).toEqual({
      registered: [4, 0],
      again: [],
      update: '1.2.0',
      patches: ['1.2.0', '1.1.0'],
      paths: ['chunks', 'pack'].map((kind) => `${app}/releases/1.3.0/Notes-1.3.0-linux-x86_64.AppImage.${kind}`),
      near: ['patch', 1, true, true],
      far: ['chunks', 0, true],
      work: false,
    });
    expect({ small: near.received < 1000, belowPack: far.received < (third.deltas[0]?.pack ?? 0) }).toEqual({
      small: true,
      belowPack: true,
    });
  });

  it('shows what updates cost, and how to make them small', async () => {
    await using world = await createCliWorld();
    await publish(world, '1.0.0');
    const people = world
      .publishArgs(await world.build('1.1.0', contentOf('1.1.0')))
      .filter((word) => word !== '--json');
    const { stdout } = await world.run(...people);
    expect(stdout).toMatch(/file +first download +update\n +Notes-1\.1\.0\S+ +1\.2 MB +\d+ kB +\d+ B from 1\.0\.0\n/);
    const compressed = await world.build('1.2.0', seededBytes(400_000, 5));
    const { stderr } = await world.run(...world.publishArgs(compressed));
    expect(stderr).toContain('is compressed inside, so its updates stay large. Publish it with --store.');
  });

  it('publishes only whole files on request, and apps take them', async () => {
    await using world = await createCliWorld();
    await publish(world, '1.0.0', '--no-deltas');
    const { registered, deltas } = await publish(world, '1.1.0', '--no-deltas');
    expect([registered, deltas, await update(world, '1.0.0', '1.1.0')]).toEqual([
      1,
      [],
      {
        delta: undefined,
        plan: { kind: 'full', downloadSize: wholeLength, fullSize: wholeLength },
        right: true,
        received: wholeLength,
      },
    ]);
  });

  it('makes no patch from a damaged or missing file, and says so', async () => {
    await using world = await createCliWorld();
    await publish(world, '1.0.0', '--no-deltas');
    await publish(world, '1.1.0', '--no-deltas');
    const directory = join(world.repository.contentDirectory, app, 'releases');
    await rm(join(directory, '1.0.0'), { recursive: true });
    for (const name of await readdir(join(directory, '1.1.0'))) {
      const bytes = contentOf('1.1.0');
      bytes.writeUInt8(1, 5000);
      await writeFile(join(directory, '1.1.0', name), bytes);
    }
    const { deltas } = await publish(world, '1.2.0');
    expect([deltas[0]?.notes, (await artifactOf(world, '1.2.0'))?.patches]).toEqual([
      ['No patch from 1.1.0: its file in the content directory is damaged.'],
      undefined,
    ]);
  });

  it('reuses the files of an interrupted run, even of another compressor, and leaves out lost ones', async () => {
    await using world = await createCliWorld();
    await publish(world, '1.0.0');
    // Files are published, the release is not listed; then another compressor goes on.
    const prepared = await publish(world, '1.1.0', '--quality', '2', '--prepare', world.path('prepared.json'));
    const second = await publish(world, '1.1.0', '--quality', '6');
    const used = await update(world, '1.0.0', '1.1.0');
    await publish(world, '1.2.0', '--quality', '2', '--prepare', world.path('prepared.json'));
    const directory = join(world.repository.contentDirectory, app, 'releases/1.2.0');
    for (const name of await readdir(directory)) if (/\.(chunks|patch)$/.test(name)) await rm(join(directory, name));
    const third = await publish(world, '1.2.0', '--quality', '11');
    const plain = await update(world, '1.1.0', '1.2.0');
    expect({
      registered: [prepared.registered, second.registered, third.registered],
      used: [used.plan.kind, used.right],
      notes: third.deltas[0]?.notes,
      plain: [plain.delta, plain.right],
    }).toEqual({
      registered: [3, 0, 0],
      used: ['patch', true],
      notes: [expect.stringContaining('has a signed chunk index, but its files are lost')],
      plain: [undefined, true],
    });
  });

  it('lets apps update by chunks if a patch is signed but not served', async () => {
    await using world = await createCliWorld();
    await publish(world, '1.0.0');
    await publish(world, '1.1.0');
    const listed = await artifactOf(world, '1.1.0');
    const content = world.repository.contentDirectory;
    const patch = listed?.patches?.[0];
    if (patch === undefined) throw new Error('no patch');
    await rm(join(content, consistentName(patch.path, patch.sha256)));
    const seen = await update(world, '1.0.0', '1.1.0');
    expect({ plan: seen.plan.kind, right: seen.right }).toEqual({ plan: 'patch', right: true });
  });
});

describe('electron-tuf publish --store', requires('mksquashfs', 'unsquashfs'), () => {
  it('publishes an AppImage without inner compression, and does not change the build', async () => {
    await using world = await createCliWorld();
    await mkdir(world.path('tree'));
    await writeFile(world.path('tree/AppRun'), text(3));
    execFileSync('mksquashfs', [world.path('tree'), world.path('image'), '-noappend', '-no-progress'], {
      stdio: 'ignore',
    });
    const runtime = Buffer.from(`#!/bin/sh\nexit 0\n${'\n'.repeat(4000)}`);
    const built = Buffer.concat([runtime, await readFile(world.path('image'))]);
    const build = await world.build('1.0.0', built);
    const result = await world.run(...world.publishArgs(build, '--store'));
    expect({ exit: result.code, stderr: result.stderr }).toEqual({ exit: 0, stderr: expect.any(String) });
    const artifact = await artifactOf(world, '1.0.0');
    const published = await readFile(join(world.repository.contentDirectory, artifact?.path ?? ''));
    expect({
      sha256: createHash('sha256').update(published).digest('hex') === artifact?.sha256,
      inside: published.includes(text(3).subarray(0, 100_000)),
      unchanged: (await readFile(join(build, 'Notes-1.0.0-linux-x86_64.AppImage'))).equals(built),
      chunks: artifact?.chunks !== undefined,
    }).toEqual({ sha256: true, inside: true, unchanged: true, chunks: true });
  });
});
