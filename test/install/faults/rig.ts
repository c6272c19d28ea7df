import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { create } from 'tar';

import { createInstaller } from '../../../src/main/install/index.ts';
import { installPath } from '../../../src/main/install/location/install-path.ts';
import type { StartAfterEnd } from '../../../src/main/node/start-after-end.ts';
import { systemClock } from '../../../src/main/node/clock.ts';
import { nodeSpawn } from '../../../src/main/node/spawn.ts';
import type {
  AppFacts,
  FirstStartLimits,
  Installer,
  StagingArea,
  TrustedRelease,
  ReleaseVerifier,
} from '../../../src/main/ports.ts';
import { StagingDirectory } from '../../../src/main/staging/index.ts';
import { silentLogger } from '../../../src/main/node/logger.ts';
import { reconsider, type ReleaseFacts } from '../../../src/main/release/index.ts';
import { UpdateError } from '../../../src/shared/errors.ts';
import { artifactOf, indexOf, releaseOf } from '../../support/release-index.ts';
import { trustedTarget } from '../../support/trusted-target.ts';

export type Kind = 'appimage' | 'portable';

/**
 * An installed app: a script that prints its version, in its own home. The installer and the staging area are the real
 * ones.
 */
export interface Installation {
  readonly home: string;
  /** The path that the user starts. */
  readonly entry: string;
  readonly installer: Installer;
  readonly staging: StagingArea;
}

export interface OpenOptions {
  readonly home: string;
  readonly kind: Kind;
  /** The version that runs. */
  readonly version: string;
  /** @defaultValue Notes */
  readonly name?: string;
  readonly limits?: Partial<FirstStartLimits>;
  readonly start?: StartAfterEnd;
  readonly change?: Partial<TrustedRelease['release']>;
}

/** A release as the trust module would verify it. Its bytes are in the file `release` of the home. */
async function releaseIn(home: string, kind: Kind, change: OpenOptions['change'] = {}): Promise<TrustedRelease> {
  const bytes = await readFile(join(home, 'release'));
  const archive = bytes.toString('latin1', 0, 2) === 'PK' ? 'notes-1.1.0.zip' : 'notes-1.1.0.tar.gz';
  const target = trustedTarget(bytes, { path: kind === 'portable' ? archive : 'Notes-1.1.0.AppImage' });
  const artifact = artifactOf('1.1.0', { kind, length: bytes.length, sha256: target.hashes.sha256 ?? '' });
  return {
    query: { app: 'org.example.notes', channel: 'stable', target: { platform: 'linux', arch: 'x64' } },
    release: releaseOf('1.1.0', { artifacts: [artifact], ...change }),
    artifact,
    target,
  };
}

/** The facts that the manager would have. */
function factsOf({ version, nativeArch, arch, systemVersion }: AppFacts, kind: Kind): ReleaseFacts {
  return {
    installed: version,
    kinds: [kind],
    nativeArch,
    arch,
    systemVersion,
    now: Date.now(),
    installId: 'an installation',
  };
}

export async function openInstallation(options: OpenOptions): Promise<Installation> {
  const { home, kind, version, name = 'Notes' } = options;
  const directory = join(home, 'state');
  const live = join(home, 'apps', name);
  const facts: AppFacts = {
    name: 'Notes',
    version,
    isPackaged: true,
    platform: 'linux',
    arch: 'x64',
    nativeArch: 'x64',
    systemVersion: '6.1.0',
    execPath: kind === 'appimage' ? join(home, 'mount', 'notes') : live,
    resourcesPath: join(home, 'resources'),
    argv: [],
    env: kind === 'appimage' ? { APPIMAGE: live, APPDIR: join(home, 'mount') } : { PATH: process.env['PATH'] },
    stateHome: home,
    locale: 'en',
  };
  const trusted = await releaseIn(home, kind, options.change);
  const trust = {
    lookUpOffline: (_query: unknown, wanted: string) =>
      Promise.resolve(wanted === '1.1.0' ? { ...trusted, index: indexOf([trusted.release]) } : undefined),
  } as unknown as ReleaseVerifier;
  const staging = new StagingDirectory({ directory, clock: systemClock, logger: silentLogger });
  const installer = await createInstaller({
    facts,
    directory,
    spawn: nodeSpawn,
    clock: systemClock,
    logger: silentLogger,
    squirrel: undefined,
    windowsPublishers: [],
    trust,
    staging,
    async assertWanted({ release, index }) {
      const result = reconsider(release, index, factsOf(facts, kind));
      if ('reason' in result) throw new UpdateError('STAGE_OUTDATED', result.message);
      return Promise.resolve();
    },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.start === undefined ? {} : { start: options.start }),
  });
  return { home, entry: installPath(facts), installer, staging };
}

/**
 * Installs 1.0.0 into `home` and prepares 1.1.0 for staging. `program` returns the script of a version. 1.1.0 has
 * `files` files, or as many kilobytes.
 */
export async function layOut(
  home: string,
  kind: Kind,
  name = 'Notes',
  program: (version: string) => string = (version) => `echo ${version}`,
  files = kind === 'appimage' ? 300 : 20,
): Promise<void> {
  await Promise.all(['apps', 'resources', 'state'].map((part) => mkdir(join(home, part), { recursive: true })));
  const live = join(home, 'apps', name);
  await writeFile(live, script(program('1.0.0')));
  await chmod(live, 0o755);
  if (kind === 'appimage') return writeFile(join(home, 'release'), script(program('1.1.0'), files * 1000));
  await writeFile(join(home, 'resources/package-type'), 'portable');
  const build = join(home, 'build/notes-1.1.0');
  await mkdir(join(build, 'locales'), { recursive: true });
  await writeFile(join(build, name), script(program('1.1.0')));
  await chmod(join(build, name), 0o755);
  for (let index = 0; index < files; index += 1)
    await writeFile(join(build, `locales/${index}.pak`), `pak ${index}`.repeat(500));
  await symlink('locales/1.pak', join(build, 'default.pak'));
  await create({ gzip: true, file: join(home, 'release'), cwd: join(home, 'build') }, ['.']);
}

export async function stageRelease(
  { home, staging }: Installation,
  kind: Kind,
  change?: OpenOptions['change'],
): Promise<void> {
  const trusted = await releaseIn(home, kind, change);
  const path = await staging.slot(trusted);
  await writeFile(path, await readFile(join(home, 'release')));
  await staging.stage({ path, target: trusted.target, bytesReceived: 0, bytesSaved: 0, requests: 0 }, trusted);
}

/** Stages and installs the file `release` of the home. Resolves with the refusal, if there was one. */
export async function installRelease(installation: Installation, kind: Kind): Promise<UpdateError | undefined> {
  await stageRelease(installation, kind);
  const staged = await installation.staging.current();
  if (staged === undefined) throw new Error('Nothing is staged.');
  try {
    await installation.installer.install(staged, undefined);
    return undefined;
  } catch (error) {
    if (error instanceof UpdateError) return error;
    throw error;
  }
}

/** The version that the app prints when a user starts it. */
export function versionOf(entry: string): string {
  return execFileSync(entry, { encoding: 'utf8' }).trim();
}

/**
 * The next start after any fault: the app must run, recover, and remove all files of the install. A version that
 * restores the previous one relaunches it. Resolves with the version that runs in the end.
 */
export async function nextStart(options: Omit<OpenOptions, 'version'>): Promise<{
  readonly version: string;
  readonly recovery: string;
  readonly left: readonly string[];
}> {
  const entry = join(options.home, 'apps', options.name ?? 'Notes');
  const version = versionOf(entry);
  const { installer } = await openInstallation({ ...options, version });
  const recovery = await installer.recover();
  if (recovery.type === 'rolled-back' && recovery.launch !== undefined) return nextStart(options);
  await installer.confirmHealthy();
  if (versionOf(entry) !== version) throw new Error('Recovery changed the app under the running version.');
  return { version, recovery: recovery.type, left: await leftOvers(options.home, entry) };
}

/** Files that an install must not leave: next to the app, in its versions, or in its state. */
async function leftOvers(home: string, entry: string): Promise<readonly string[]> {
  const apps = (await readdir(dirname(entry))).filter((name) => name.startsWith('.'));
  const state = (await readdir(join(home, 'state'))).filter((name) => name === 'journal.json' || name.endsWith('.tmp'));
  const versions = await readdir(`${entry}.versions`).catch(() => undefined);
  const used = await readlink(entry).then(
    (target) => basename(dirname(target)),
    () => undefined,
  );
  const unused = versions?.length === 0 ? ['an empty directory for versions'] : (versions ?? []);
  return [...apps, ...state, ...unused.filter((name) => name !== used)];
}

/**
 * A shell script, padded so that copying it takes some time. Its commands come last, so that a truncated copy does
 * nothing.
 */
function script(body: string, bytes = 0): string {
  return `#!/bin/sh\n${'#'.repeat(bytes)}\n${body}\n`;
}
