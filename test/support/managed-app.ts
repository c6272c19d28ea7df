import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '../../src/main/client.ts';
import { createBundleClient } from '../../src/main/http/bundle-client.ts';
import type { AdminPolicy } from '../../src/main/manager/policy/admin-policy.ts';
import { openHistory } from '../../src/main/manager/storage/install-history.ts';
import { openRunningInstances } from '../../src/main/manager/storage/running-instances.ts';
import { UpdateManager, type ServiceNeeds } from '../../src/main/manager/update-manager.ts';
import type { PolicyFile } from '../../src/main/manager/policy/admin-policy-file.ts';
import { noPolicy } from '../../src/main/manager/policy/admin-policy-file.ts';
import { openPreferences } from '../../src/main/manager/storage/preferences.ts';
import { resolveSettings, type UpdaterSettings } from '../../src/main/manager/policy/settings.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import { offeringOnly } from '../../src/main/services.ts';
import type {
  AppFacts,
  Downloader,
  AppHost,
  StagedUpdate,
  InstallOutcome,
  Installer,
  InstallVerdict,
  Recovery,
  ReleaseVerifier,
} from '../../src/main/ports.ts';
import type { RetrySchedules } from '../../src/main/trust/contract.ts';
import { StagingDirectory } from '../../src/main/staging/index.ts';
import type { Arch } from '../../src/shared/platform-target.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { ArtifactKind } from '../../src/shared/artifact-kinds.ts';
import type { Release } from '../../src/shared/release-index.ts';
import type { UpdateOutcome, UpdateState } from '../../src/shared/state.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { keySetOf, sealIndex } from './publisher.ts';
import { app, indexOf, releaseOf } from './release-index.ts';
import { artifact, type World } from './world.ts';

/**
 * An app with the real manager, trust, download and staging modules over real HTTP. The test plays the host (Electron)
 * and the installer (the operating system).
 */
export interface ManagedApp {
  readonly updater: UpdateManager;
  readonly home: string;
  readonly clock: ManualClock;
  readonly host: PlayedHost;
  readonly install: PlayedInstall;
  readonly outcomes: readonly UpdateOutcome[];
  /** The types of the states it went through, without repeats. */
  readonly states: readonly UpdateState['type'][];
}

export interface PlayedHost extends AppHost {
  /** What a quit does: go, or be vetoed. */
  vetoes: boolean;
  shuttingDown: boolean;
  onBattery: boolean;
  readonly done: string[];
  /** The user quits the app: the quit work runs. */
  userQuits(): Promise<void>;
  wake(): void;
}

export interface PlayedInstall extends Installer {
  recovery: Recovery;
  verdict: InstallVerdict;
  failed: readonly string[];
  /** What an install does. */
  work: () => Promise<InstallOutcome>;
  readonly done: string[];
}

export interface ManagedOptions {
  /** @defaultValue 1.0.0 */
  readonly version?: string;
  /** The directory of an earlier run, which this one continues. @defaultValue a new one */
  readonly home?: string;
  readonly settings?: UpdaterSettings;
  readonly policy?: Partial<AdminPolicy> | PolicyFile;
  readonly kind?: Installer['kind'];
  /** Milliseconds by which the device's clock is ahead. @defaultValue 0 */
  readonly ahead?: number;
  /** @defaultValue this process */
  readonly pid?: number;
  readonly install?: Partial<PlayedInstall>;
  /** @defaultValue the product's */
  readonly patience?: RetrySchedules;
  /** Runs before the services are opened, and may throw. @defaultValue nothing */
  readonly beforeServices?: () => void;
  /** Replaces the downloader. @defaultValue nothing */
  readonly download?: (downloader: Downloader) => Downloader;
  /** Changes what verifies. @defaultValue nothing */
  readonly trust?: (verifier: ReleaseVerifier) => ReleaseVerifier;
  /** Is the start awaited? @defaultValue true */
  readonly started?: boolean;
}

const closing: (() => Promise<void>)[] = [];

/** Ends every app that a test started. Call it after each. */
export async function closeApps(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

export async function startApp(world: World, options: ManagedOptions = {}): Promise<ManagedApp> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'managed-')));
  const version = options.version ?? '1.0.0';
  const clock = manualClock(Date.now() + (options.ahead ?? 0));
  const host = playHost(version);
  const install = playInstall(options.kind ?? 'appimage', options.install ?? {});
  const outcomes: UpdateOutcome[] = [];
  const settings = { onOutcome: (outcome: UpdateOutcome) => void outcomes.push(outcome), ...options.settings };
  const updater = new UpdateManager({
    app,
    defaultChannel: 'stable',
    settings: resolveSettings(settings),
    host,
    clock,
    logger: silentLogger,
    spawn: { run: async () => Promise.reject(new Error('not here')), detach: async () => Promise.resolve({ pid: 1 }) },
    preferences: openPreferences(home, silentLogger),
    history: openHistory(home, silentLogger),
    instances: openRunningInstances(home, silentLogger, options.pid),
    random: () => 0.5,
    readPolicy: async () => Promise.resolve(policyFileOf(options.policy)),
    async createServices(needs) {
      options.beforeServices?.();
      return Promise.resolve(openTestServices(world, home, install, needs, options));
    },
  });
  const states: UpdateState['type'][] = [];
  updater.subscribe(({ type }) => {
    if (states.at(-1) !== type) states.push(type);
  });
  closing.push(async () => updater.close());
  if (options.started !== false) await updater.whenReady();
  return { updater, home, clock, host, install, outcomes, states };
}

function policyFileOf(policy: ManagedOptions['policy']): PolicyFile {
  if (policy === undefined) return { type: 'none' };
  return 'type' in policy ? policy : { type: 'policy', policy: { ...noPolicy, ...policy } };
}

function openTestServices(
  world: World,
  home: string,
  install: Installer,
  { policy, assertWanted }: ServiceNeeds,
  options: ManagedOptions,
) {
  const { patience, ahead = 0 } = options;
  const { metadataUrl = `${world.web.url}/metadata/`, mirrors = [`${world.web.url}/content/`] } = policy;
  const shared = {
    anchor: { type: 'root', bytes: world.writer.anchor } as const,
    directory: home,
    clock: { ...systemClock, now: () => Date.now() + ahead },
    ...(patience === undefined ? {} : { patience }),
  };
  const publisher = keySetOf(world.keys);
  const client = createClient({ ...shared, config: { metadataUrl, targetsUrls: mirrors, publisher } });
  closing.push(async () => client.close());
  return {
    trust: options.trust?.(client.trust) ?? client.trust,
    download: options.download?.(client.download) ?? client.download,
    staging: new StagingDirectory({ directory: home, clock: manualClock(Date.now()), logger: silentLogger }),
    install: {
      ...install,
      /** As the real installer begins. */
      async install(staged: StagedUpdate, relaunch: readonly string[] | undefined) {
        const recalled = await client.trust.lookUpOffline(staged.query, staged.version, staged.kind);
        if (recalled === undefined) throw new UpdateError('STAGE_OUTDATED', 'Nothing vouches for it.');
        await assertWanted(recalled);
        return install.install(staged, relaunch);
      },
    },
    close: () => client.close(),
    async openBundle(path: string) {
      const { http, metadataUrl, targetsUrl, has } = await createBundleClient(path);
      const { trust, download } = createClient({
        ...shared,
        config: { metadataUrl, targetsUrls: [targetsUrl], publisher },
        http,
      });
      return { trust: offeringOnly(has, trust), download, close: async () => http.close() };
    },
  };
}

function playHost(version: string): PlayedHost {
  const works = new Set<() => Promise<void>>();
  const wakes = new Set<() => void>();
  const done: string[] = [];
  const runAll = async (): Promise<void> => void (await Promise.all([...works].map((work) => work())));
  const host: PlayedHost = {
    facts: factsOf(version),
    vetoes: false,
    shuttingDown: false,
    onBattery: false,
    done,
    whenReady: async () => Promise.resolve(),
    onQuit(work) {
      works.add(work);
      return () => works.delete(work);
    },
    async quit() {
      if (host.vetoes) return false;
      done.push('quit');
      await runAll();
      return true;
    },
    comeBack: () => void done.push('come back'),
    exit: () => void done.push('exit'),
    async endBy(quit) {
      done.push('end by the system');
      return Promise.resolve(quit());
    },
    onWake(listener) {
      wakes.add(listener);
      return () => wakes.delete(listener);
    },
    isShuttingDown: () => host.shuttingDown,
    isOnBattery: () => host.onBattery,
    userQuits: runAll,
    wake() {
      for (const listener of wakes) listener();
    },
  };
  return host;
}

function factsOf(version: string): AppFacts {
  return {
    name: 'Notes',
    version,
    isPackaged: true,
    platform: 'linux',
    arch: 'x64',
    nativeArch: 'x64',
    systemVersion: '6.1.0',
    execPath: '/opt/notes/notes',
    resourcesPath: '/opt/notes/resources',
    argv: ['--profile', 'work'],
    env: {},
    stateHome: '/nowhere',
    locale: 'en',
  };
}

function playInstall(kind: Installer['kind'], change: Partial<PlayedInstall>): PlayedInstall {
  const done: string[] = [];
  const launch = { execPath: '/opt/notes/notes', args: ['again'], env: {} };
  const install: PlayedInstall = {
    kind,
    recovery: { type: 'nothing' },
    verdict: { ok: true },
    failed: [],
    done,
    work: async () => Promise.resolve({ launch, handedOver: false }),
    canInstall: async () => Promise.resolve(install.verdict),
    recover: async () => Promise.resolve(install.recovery),
    async install(staged, relaunch) {
      done.push(`install ${staged.version}${relaunch === undefined ? '' : `, then start with ${relaunch.join(' ')}`}`);
      const outcome = await install.work();
      return relaunch === undefined ? { ...outcome, launch: undefined } : outcome;
    },
    launch: async ({ args }) => Promise.resolve(void done.push(`launch ${args.join(' ')}`)),
    confirmHealthy: async () => Promise.resolve(void done.push('confirm')),
    pointOfNoReturn: async () => Promise.resolve(void done.push('point of no return')),
    noteQuit: async () => Promise.resolve(),
    seeds: async () => Promise.resolve([]),
    quarantined: async () => Promise.resolve(install.failed),
    ...change,
  };
  return install;
}

/** Publishes the releases of a channel, in an index of the given revision, with content for each. */
export async function publishChannel(
  world: World,
  releases: readonly (Partial<Release> & { readonly version: string })[],
  {
    revision,
    channel = 'stable',
    arch = 'x64',
    kind = 'appimage',
  }: {
    readonly revision: number;
    readonly channel?: string;
    readonly arch?: Arch;
    readonly kind?: ArtifactKind;
  },
): Promise<void> {
  const made = releases.map(({ version, ...change }) => {
    const { file, entry } = artifact(version, undefined, kind, [arch]);
    return { file, release: releaseOf(version, { artifacts: [entry], ...change }) };
  });
  const index = indexOf(
    made.map(({ release }) => release),
    { revision, channel, arch },
  );
  const path = releaseIndexPath(app, channel, { platform: 'linux', arch });
  const known = new Set(publishedIn(world));
  const files = made.map(({ file }) => file).filter((file) => !known.has(file.path));
  for (const { path } of files) publishedIn(world).add(path);
  await world.writer.publish(...files, { path, bytes: sealIndex(index, world.keys) });
}

const published = new WeakMap<World, Set<string>>();

/** Artifacts are immutable: each is published once. */
function publishedIn(world: World): Set<string> {
  const paths = published.get(world) ?? new Set<string>();
  published.set(world, paths);
  return paths;
}
