import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { embedUpdates } from '../../../src/builder/index.ts';
import { createClient } from '../../../src/main/client.ts';
import { hooks } from '../../../src/main/install/hooks/index.ts';
import { systemClock } from '../../../src/main/node/clock.ts';
import { nodeSpawn } from '../../../src/main/node/spawn.ts';
import type { AppFacts, InstallHook, InstallJob } from '../../../src/main/ports.ts';
import { StagingDirectory } from '../../../src/main/staging/index.ts';
import type { SigningKey } from '../../../src/publish/keys/key-file.ts';
import { asCaller } from '../../../src/root-helper/as-caller.ts';
import { systemCode } from '../../../src/shared/errors.ts';
import type { NativeKind } from '../../../src/shared/artifact-kinds.ts';
import { nativeFiles, rootStateDirectory } from '../../../src/shared/native-package.ts';
import type { PublisherKeySet } from '../../../src/shared/publisher-keys.ts';
import type { Artifact, Release, ReleaseIndex } from '../../../src/shared/release-index.ts';
import { artifactPath, releaseIndexPath } from '../../../src/shared/target-path.ts';
import { createRecordingLogger, type RecordingLogger } from '../../support/logger.ts';
import { keySetOf, publisherKey, sealIndex } from '../../support/publisher.ts';
import { createTufWriter, type TargetFile, type TufWriter } from '../../support/tuf-writer.ts';
import { serveDirectory } from '../../support/web-server.ts';
import { installByHand, installedVersion, makePackage, removePackage } from './packages.ts';
import { takeTurn } from './turns.ts';

/** The uid of `nobody`, the user who runs the app. */
export const nobody = 65_534;

export interface ReleaseOptions {
  /** Fields that differ in the signed release. */
  readonly change?: Partial<Release>;
  /** Fields that differ in the index. */
  readonly index?: Partial<ReleaseIndex>;
  readonly keys?: readonly SigningKey[];
  readonly afterInstall?: string;
  /** Bytes to publish instead of a real package. */
  readonly bytes?: Buffer;
}

/** A publisher of an app in packages of one kind, and this machine, where version 1.0.0 is really installed. */
export interface NativeWorld {
  readonly kind: NativeKind;
  readonly app: string;
  readonly package: string;
  /** The test's own directory. */
  readonly directory: string;
  /** The directory into which the package installs the app. */
  readonly installDirectory: string;
  readonly launcher: string;
  readonly writer: TufWriter;
  readonly keys: readonly [SigningKey, SigningKey];
  /** Publishes a package of this version, signed as a publisher does. Resolves with its bytes. */
  release(version: string, options?: ReleaseOptions): Promise<Buffer>;
  /** The release index that was published last. */
  index(): TargetFile;
  /** Checks, downloads and stages as the app does, and prepares the hook's hand-over. */
  stage(version: string, options?: StageOptions): Promise<Staged>;
  /** Returns the version that the package manager reports and the version in the installed files. */
  installed(): Promise<{ readonly manager: string | undefined; readonly files: string | undefined }>;
  /** Removes what root has stored about this app, as on a new machine. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** @defaultValue a new app for this world */
  readonly app?: string;
  /** The publisher's keys. Both must sign. @defaultValue new ones */
  readonly keys?: readonly [SigningKey, SigningKey];
  /** The publisher keys in the package. @defaultValue both keys */
  readonly publisher?: 'none';
}

export interface StageOptions {
  /** The publisher keys of the user's client. @defaultValue those in the package */
  readonly publisher?: PublisherKeySet | 'none';
}

export interface Staged {
  readonly hook: InstallHook;
  readonly job: InstallJob;
  readonly home: string;
  /** The directory that the hook hands over. */
  readonly handOver: string;
  readonly logger: RecordingLogger;
}

/** Copies this Node to a place where only root can change it. The copy runs the root side. */
export async function placeRuntime(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const directory = `/opt/etu-runtime-${randomBytes(4).toString('hex')}`;
  const path = join(directory, 'node');
  await mkdir(directory, { mode: 0o755 });
  await copyFile(process.execPath, path);
  await chown(path, 0, 0);
  await chmod(path, 0o755);
  return { path, remove: () => rm(directory, { recursive: true }) };
}

export async function createNativeWorld(
  kind: NativeKind,
  runtime: string,
  options: WorldOptions = {},
): Promise<NativeWorld> {
  const { app = `org.example.n${randomBytes(4).toString('hex')}` } = options;
  const endTurn = await takeTurn(kind);
  const id = randomBytes(4).toString('hex');
  const name = `etu-notes-${id}`;
  const directory = await mkdtemp(join(tmpdir(), `native-${kind}-`));
  const product = `Nötes it's 100% ${id}`;
  const installDirectory = `/opt/${product}`;
  const launcher = join(installDirectory, 'resources/update', nativeFiles.launcher);
  const writer = await createTufWriter(join(directory, 'repository'));
  const web = await serveDirectory(join(directory, 'repository'));
  const keys = options.keys ?? ([publisherKey(), publisherKey()] as const);
  const query = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
  const config = {
    schema: 1,
    app,
    metadataUrl: `${web.url}/metadata/`,
    targetsUrls: [`${web.url}/content/`],
    channel: 'stable',
    publisher: options.publisher ?? keySetOf(keys),
  } as const;
  const closing: (() => Promise<void>)[] = [() => web.close()];
  const releases: Release[] = [];
  let revision = 0;
  let published: TargetFile | undefined;
  let homes = 0;
  // The programs of the user read this directory.
  await chmod(directory, 0o755);
  await mkdir(join(directory, 'update'));
  await writeFile(join(directory, 'update/root.json'), writer.anchor);
  await writeFile(join(directory, 'update/update.json'), JSON.stringify(config));

  /** Packs with the product's own electron-builder hook. Only Electron is replaced, by a script that starts Node. */
  async function pack(version: string, afterInstall?: string): Promise<string> {
    const work = await mkdtemp(join(directory, `${version}-`));
    const tree = join(work, 'tree');
    const appOutDir = join(tree, installDirectory);
    const resources = join(appOutDir, 'resources');
    await mkdir(resources, { recursive: true, mode: 0o755 });
    await writeFile(join(appOutDir, 'notes'), `#!/bin/sh\nexec '${runtime}' "$@"\n`, { mode: 0o755 });
    await writeFile(join(resources, 'app.txt'), `this is ${version}\n`, { mode: 0o644 });
    await embedUpdates()({
      appOutDir,
      electronPlatformName: 'linux',
      targets: [{ name: kind }],
      packager: {
        projectDir: directory,
        executableName: 'notes',
        appInfo: { id: app, version, productName: product, sanitizedProductName: product },
        getResourcesDir: () => resources,
      },
    });
    const script = afterInstall === undefined ? {} : { afterInstall };
    return makePackage({ kind, name, version, tree, ...script }, join(work, 'package'));
  }

  await installByHand(kind, await pack('1.0.0'));

  return {
    kind,
    app,
    package: name,
    directory,
    installDirectory,
    launcher,
    writer,
    keys,

    async release(version, options = {}) {
      const bytes = options.bytes ?? (await readFile(await pack(version, options.afterInstall)));
      const path = artifactPath(app, version, `Notes-${version}.${kind}`);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const entry: Artifact = { kind, path, length: bytes.length, sha256, arches: ['x64'] };
      releases.unshift({
        version,
        releasedAt: '2026-11-01T00:00:00Z',
        notes: {},
        critical: false,
        withdrawn: false,
        artifacts: [entry],
        ...options.change,
      });
      revision += 10;
      const index: ReleaseIndex = {
        schema: 1,
        revision,
        app,
        channel: 'stable',
        platform: 'linux',
        arch: 'x64',
        releases: releases.filter((one, at) => releases.findIndex((other) => other.version === one.version) === at),
        ...options.index,
      };
      published = {
        path: releaseIndexPath(app, 'stable', query.target),
        bytes: sealIndex(index, options.keys ?? keys),
      };
      await writer.publish(
        { path, bytes, custom: { app, version, platform: 'linux', arches: entry.arches, kind } },
        published,
      );
      return bytes;
    },

    index() {
      if (published === undefined) throw new Error('nothing was released yet');
      return published;
    },

    async stage(version, { publisher = config.publisher } = {}) {
      homes += 1;
      const home = join(directory, `home ${homes} it's %HOME%\n"é" `);
      await mkdir(home, { recursive: true, mode: 0o755 });
      const logger = createRecordingLogger();
      const client = createClient({
        config: { ...config, publisher },
        anchor: { type: 'root', bytes: writer.anchor },
        directory: home,
        logger,
      });
      closing.push(() => client.close());
      await client.trust.refresh();
      const index = await client.trust.releaseIndex(query);
      const release = index.releases.find((one) => one.version === version);
      const artifact = release?.artifacts[0];
      if (release === undefined || artifact === undefined) throw new Error(`${version} was not released`);
      const trusted = await client.trust.artifact(query, release, artifact);
      const staging = new StagingDirectory({ directory: home, clock: systemClock, logger });
      const file = await client.download.start({ target: trusted.target, to: await staging.slot(trusted) }).done;
      const staged = await staging.stage(file, trusted);
      const verified = await staging.open(staged, trusted.target);
      closing.push(() => verified.close());
      const facts = factsOf(installDirectory, (await installedFiles()) ?? '0.0.0', home);
      // In the app, the user creates the hook. The hook must see that it does not run as root.
      const hook = asCaller(nobody, () =>
        hooks[kind]?.({
          facts,
          directory: home,
          spawn: nodeSpawn,
          clock: systemClock,
          logger,
          squirrel: undefined,
          windowsPublishers: [],
        }),
      );
      if (hook === undefined) throw new Error(`there is no hook for ${kind}`);
      const job: InstallJob = { staged, trusted, file: verified, fromVersion: facts.version, relaunch: ['--again'] };
      await hook.prepare(job);
      const handOver = join(home, 'staged/hand-over');
      await giveTo(nobody, home);
      return { hook, job, home, handOver, logger };
    },

    async installed() {
      return { manager: await installedVersion(kind, name), files: await installedFiles() };
    },

    forget: () => rm(join(rootStateDirectory, app), { recursive: true, force: true }),

    async close() {
      for (const close of closing) await close();
      await removePackage(kind, name);
      await rm(installDirectory, { recursive: true, force: true });
      await rm(join(rootStateDirectory, app), { recursive: true, force: true });
      if ((await readdir(rootStateDirectory).catch(() => ['x'])).length === 0)
        await rm(rootStateDirectory, { recursive: true });
      await rm(directory, { recursive: true, force: true });
      endTurn();
    },
  };

  async function installedFiles(): Promise<string | undefined> {
    try {
      const text = await readFile(join(installDirectory, 'resources/app.txt'), 'utf8');
      return text.trim().replace('this is ', '');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
}

export async function giveTo(uid: number, path: string): Promise<void> {
  await chown(path, uid, uid);
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    await chown(join(entry.parentPath, entry.name), uid, uid);
  }
}

function factsOf(installDirectory: string, version: string, home: string): AppFacts {
  return {
    name: 'notes',
    version,
    isPackaged: true,
    platform: 'linux',
    arch: process.arch,
    nativeArch: process.arch,
    systemVersion: '6.1.0',
    execPath: join(installDirectory, 'notes'),
    resourcesPath: join(installDirectory, 'resources'),
    argv: [],
    env: { PATH: `${join(home, '..', 'bin')}:/usr/bin:/bin`, HOME: home },
    stateHome: home,
    locale: 'en',
  };
}
