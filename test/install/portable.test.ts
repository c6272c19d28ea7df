// @module-tag slow
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { composeUpdater } from '../../src/main/compose.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { UpdateManager } from '../../src/main/manager/update-manager.ts';
import { createNodeHost } from '../../src/main/node/host.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import { nodeSpawn } from '../../src/main/node/spawn.ts';
import type { AppHost } from '../../src/main/ports.ts';
import { keySetOf, sealIndex } from '../support/publisher.ts';
import { app, artifactOf, indexOf, releaseOf } from '../support/release-index.ts';
import { requires } from '../support/requires.ts';
import { systemClock } from '../support/system-clock.ts';
import { indexPath, inWorld, type World } from '../support/world.ts';

/** Archives, each made by the program in its name. */
const formats = [
  ['tar.gz by tar', 'tar', (file: string, from: string) => ['-czf', file, '-C', from, '.']],
  [
    'tar.gz by tar, in one directory',
    'tar',
    (file: string, from: string) => ['-czf', file, '-C', join(from, '..'), 'build'],
  ],
  ['zip by bsdtar', 'bsdtar', (file: string, from: string) => ['--format', 'zip', '-cf', file, '-C', from, '.']],
  [
    'zip by 7za, as electron-builder makes it',
    '7za',
    (file: string, from: string) => ['a', '-snl', '-bd', '-mx=1', file, `${from}/.`],
  ],
] as const;

let directory: string;
let build: string;
let entry: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portable-'));
  build = join(directory, 'build');
  entry = join(directory, 'apps/notes');
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

async function buildVersion(version: string): Promise<void> {
  await rm(build, { recursive: true, force: true });
  await mkdir(join(build, 'resources/app'), { recursive: true });
  await writeFile(join(build, 'notes'), `#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/current"\n`, { mode: 0o755 });
  await writeFile(join(build, 'resources/package-type'), 'portable');
  await writeFile(join(build, 'resources/app/version'), `${version}\n`);
  await writeFile(join(build, 'resources/app/large'), Buffer.alloc(300_000, version));
  await symlink('resources/app/version', join(build, 'current'));
}

/**
 * Starts the app at `entry` in this process, with the complete plugin and a real network. Records its exits instead of
 * performing them.
 */
async function startApp(world: World, version: string): Promise<{ updater: UpdateManager; exits: number[] }> {
  const exits: number[] = [];
  const node = createNodeHost({
    name: 'notes',
    version,
    execPath: await realpath(entry),
    env: { PATH: process.env['PATH'] },
  });
  const host: AppHost = {
    ...node,
    facts: { ...node.facts, arch: 'x64', nativeArch: 'x64', argv: [] },
    onQuit: () => () => undefined,
    exit: (code) => void exits.push(code),
  };
  const updater = composeUpdater(
    {
      app,
      channel: 'stable',
      metadataUrl: `${world.web.url}/metadata/`,
      targetsUrls: [`${world.web.url}/content/`],
      readAnchor: () => Promise.resolve({ type: 'root', bytes: world.writer.anchor }),
      publisher: keySetOf(world.keys),
      directory: join(directory, 'updates'),
      settings: { automatic: false },
    },
    {
      host,
      openHttp: () => Promise.resolve(createNodeHttpClient()),
      clock: systemClock,
      spawn: nodeSpawn,
      logger: silentLogger,
    },
  );
  await updater.whenReady();
  await updater.confirmHealthy();
  return { updater, exits };
}

describe.each(formats)('a portable directory from a %s', (name, program, argsOf) => {
  const [extension = ''] = name.split(' ');

  async function archive(version: string): Promise<Buffer> {
    await buildVersion(version);
    const file = join(directory, `archive.${extension}`);
    await rm(file, { force: true });
    execFileSync(program, argsOf(file, build), { stdio: 'ignore' });
    return readFile(file);
  }

  async function publish(world: World, version: string, revision: number): Promise<void> {
    const bytes = await archive(version);
    const artifact = artifactOf(version, {
      kind: 'portable',
      path: `${app}/releases/${version}/notes-${version}.${extension}`,
      length: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    });
    const index = indexOf([releaseOf(version, { artifacts: [artifact] })], { revision });
    const custom = { app, version, platform: 'linux', arches: artifact.arches, kind: artifact.kind };
    await world.writer.publish(
      { path: artifact.path, bytes, custom },
      { path: indexPath, bytes: sealIndex(index, world.keys) },
    );
  }

  it('is updated twice, from the network to the next start', requires(program), async () => {
    await inWorld(async (world) => {
      await buildVersion('1.0.0');
      execFileSync('cp', ['-a', build, join(directory, 'apps')]);
      const seen: unknown[] = [];
      for (const [index, to] of ['1.1.0', '1.2.0'].entries()) {
        await publish(world, to, index + 1);
        const from = execFileSync(entry, { encoding: 'utf8' }).trim();
        const { updater, exits } = await startApp(world, from);
        const states = [(await updater.check()).type, (await updater.download()).type];
        await updater.install('now', { args: [] });
        await updater.close();
        const next = await startApp(world, to);
        seen.push({
          states,
          exits,
          runs: execFileSync(entry, { encoding: 'utf8' }).trim(),
          history: (await next.updater.history()).map(({ result, from, to }) => `${result} ${from} ${to}`),
          versions: await readdir(`${entry}.versions`),
          same: await isSame(join(`${entry}.versions`, to)),
          kept: (await readdir(join(directory, 'updates/previous'))).toSorted(),
        });
        await next.updater.close();
      }
      expect(seen).toEqual([
        {
          states: ['available', 'staged'],
          exits: [0],
          runs: '1.1.0',
          history: ['installed 1.0.0 1.1.0'],
          versions: ['1.1.0'],
          same: true,
          kept: ['1.1.0.archive'],
        },
        {
          states: ['available', 'staged'],
          exits: [0],
          runs: '1.2.0',
          history: ['installed 1.1.0 1.2.0', 'installed 1.0.0 1.1.0'],
          versions: ['1.2.0'],
          same: true,
          kept: ['1.1.0.archive', '1.2.0.archive'],
        },
      ]);
    });
  });
});

/** True if the installed files equal the built ones, including links and modes. */
async function isSame(installed: string): Promise<boolean> {
  const list = (root: string): string =>
    execFileSync('find', ['.', '-type', 'f,l', '-printf', '%p %m %l %s\n'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .toSorted()
      .join('\n');
  execFileSync('diff', ['-r', build, installed]);
  return Promise.resolve(list(build) === list(installed));
}
