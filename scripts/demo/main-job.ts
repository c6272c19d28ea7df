import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ListrTask } from 'listr2';
import { extract } from 'tar';

import type { Report } from '../../demo-app/main/report.ts';
import { hashFile } from '../../src/files/hash-file.ts';
import { formatBytes } from '../../src/publish/terminal/format.ts';
import type { PublishReport } from '../../src/publish/workflow/publish-build.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { Progress } from '../../src/shared/state.ts';
import { type Display, openDisplay } from '../electron/display.ts';
import { describeElectron } from '../electron/electron-dist.ts';
import { together } from '../packaging/together.ts';
import { createDemoPackager, type DemoPackager, type PackagedDemo } from '../package-demo.ts';
import { type InstalledApp, installDemo } from './installed-app.ts';
import { type AppListener, type AppRun, listenToApp } from './listener.ts';
import { endProcessesOf } from './processes.ts';
import { progressBar } from './progress-bar.ts';
import { assertSameFiles } from './same-files.ts';
import { createDemoWorld, type DemoWorld } from './world.ts';

/** The results of the main job. */
export interface MainJobResult {
  readonly from: string;
  readonly to: string;
  /** Whether the new version runs and the installed file has the signed bytes. */
  readonly verified: boolean;
  readonly shell: DemoPackager['shell'];
  readonly format: DemoPackager['format'];
  /** Bytes. */
  readonly artifact: number;
  /** Bytes over HTTP for the artifact, and bytes that did not have to be transferred. */
  readonly received: number;
  readonly saved: number;
  readonly sha256: string;
  readonly seconds: {
    readonly package: number;
    readonly publish: number;
    readonly update: number;
    readonly total: number;
  };
}

/** What the steps pass on to each other. */
interface Job {
  world: DemoWorld;
  packager: DemoPackager;
  builds: ReadonlyMap<string, PackagedDemo>;
  published: ReadonlyMap<string, PublishReport>;
  listener: AppListener;
  app: InstalledApp;
  oldRun: AppRun;
  progress: Progress;
  newRun: AppRun;
}

const from = '1.0.0';
const to = '1.1.0';
/**
 * An installed AppImage has the published bytes, so a patch from the older version works. For a portable archive, only
 * the extracted files are there, so chunks are used. The pack is made for speed rather than size.
 */
const quickDeltas = { appimage: { patches: 1, quality: 1 }, portable: { patches: 0, quality: 1 } };

export interface MainJob {
  readonly tasks: readonly ListrTask<Job>[];
  result(): Promise<MainJobResult>;
  /** What to install on this machine for a better demonstration. */
  hints(): readonly string[];
  /** Ends every process and server that the steps started. */
  stop(): Promise<void>;
}

/**
 * The main job of this project, step by step: builds and publishes two releases, installs the older one in its own home
 * directory, and lets it update itself. Everything is in `directory`. Aborting makes the running step fail at once.
 */
export function createMainJob(
  directory: string,
  signal: AbortSignal,
  createPackager: typeof createDemoPackager = createDemoPackager,
): MainJob {
  const job: Partial<Job> = {};
  /** Aborts when the app has ended and when the job is over. */
  const appEnded = new AbortController();
  const seconds = { package: 0, publish: 0, update: 0 };
  const begun = performance.now();
  let display: Display | undefined;

  const either = AbortSignal.any([signal, appEnded.signal]);
  const hear = async <T>(pick: (report: Report, run: AppRun) => T | undefined): Promise<T> =>
    need(job.listener).next(pick, either);

  const tasks: ListrTask<Job>[] = [
    {
      title: 'Serve a TUF repository with fresh keys',
      async task(_, task) {
        job.world = await createDemoWorld(directory);
        task.title = `Serving a TUF repository with fresh keys at ${job.world.repository.url}`;
      },
    },
    {
      title: `Package Notes ${from} and ${to}`,
      task: timed(seconds, 'package', async (_, task) => {
        const { update } = need(job.world);
        const packager = await createPackager(directory, signal);
        job.packager = packager;
        const build = async (version: string): Promise<PackagedDemo> =>
          packager.package({ version, out: join(directory, 'releases', version), update });
        const builds = await together([build(from), build(to)]);
        job.builds = new Map(builds.map((build) => [build.version, build]));
        const size = formatBytes(builds[1].length);
        const format = packager.format === 'appimage' ? 'AppImages' : 'portable archives';
        const within = packager.electron === undefined ? 'plain Node' : describeElectron(packager.electron);
        task.title = `Packaged Notes ${from} and ${to} as ${format} of ${size}, with electron-builder and ${within}`;
      }),
    },
    {
      title: `Publish ${from} and ${to}`,
      task: timed(seconds, 'publish', async (_, task) => {
        const published = new Map<string, PublishReport>();
        for (const build of need(job.builds).values()) {
          const report = await need(job.world).publish(build, {
            signal,
            ...(build.version === to ? { deltas: quickDeltas[need(job.packager).format] } : {}),
            policy: { notes: { en: releaseNotes[build.version] ?? '' } },
            onProgress: ({ step, done, total }) => {
              task.output = `${progressBar(done / total)} ${build.version}: ${publishSteps[step]}`;
            },
          });
          published.set(build.version, report);
        }
        job.published = published;
        task.title = `Published ${from} and ${to}, signed by the publisher and by the repository`;
      }),
    },
    {
      title: `Install Notes ${from} and start it`,
      async task(_, task) {
        const listener = await listenToApp(join(directory, 'app.sock'));
        job.listener = listener;
        const app = await installDemo(need(need(job.builds).get(from)), join(directory, 'home'));
        job.app = app;
        if (need(job.packager).shell === 'electron') display = await openDisplay();
        await app.start([`--report=${listener.path}`, '--update']);
        void watchEnd(app, listener, appEnded);
        job.oldRun = await hear((report, run) => (report.type === 'started' ? run : undefined));
        task.title = `Installed Notes ${from} and started it (process ${job.oldRun.pid})`;
      },
    },
    {
      title: `Let Notes ${from} update itself`,
      task: timed(seconds, 'update', async (_, task) => {
        job.newRun = await hear((report, run) => {
          if (run !== job.oldRun) return report.type === 'started' ? run : undefined;
          if (report.type === 'failed') throw failureOf(report);
          if (report.type !== 'state') return undefined;
          if (report.state.type === 'downloading') job.progress = report.state.progress;
          task.output = describe(report);
          return undefined;
        });
        const { version } = job.newRun;
        if (version !== to) throw new Error(`Notes ${version} was started after the update, not ${to}.`);
        const { received = 0, saved = 0 } = job.progress ?? {};
        const instead = saved === 0 ? '' : ` instead of ${formatBytes(received)}`;
        const amount = `downloaded ${formatBytes(received - saved)}${instead}`;
        task.title = `Notes ${from} checked, ${amount}, verified, staged, installed and relaunched`;
      }),
    },
    {
      title: `See that Notes ${to} runs`,
      async task(_, task) {
        const run = need(job.newRun);
        await hear((report, other) => (other === run ? isUpToDate(report) : undefined));
        await need(job.listener).silent(signal);
        task.title = `Notes ${to} ran from the same place (process ${run.pid}) and is up to date`;
      },
    },
  ];

  return {
    tasks,
    hints: () => job.packager?.hints ?? [],
    async result() {
      const { shell, format } = need(job.packager);
      const signed = need(need(need(job.published).get(to)).artifacts[0]);
      const installed = await installedSha256(need(job.app), need(need(job.builds).get(to)), directory);
      const { received = 0, saved = 0 } = job.progress ?? {};
      return {
        from: need(job.oldRun).version,
        to: need(job.newRun).version,
        verified: installed === signed.sha256 && need(job.newRun).version === to,
        shell,
        format,
        artifact: signed.length,
        received: received - saved,
        saved,
        sha256: installed,
        seconds: { ...seconds, total: secondsSince(begun) },
      };
    },
    async stop() {
      appEnded.abort();
      await endProcessesOf(directory);
      await display?.close();
      await job.listener?.close();
      await job.world?.close();
    },
  };
}

const publishSteps = {
  hash: 'hashing',
  rewrite: 'rewriting',
  pack: 'packing',
  patch: 'making patches',
  store: 'storing',
  register: 'registering',
  confirm: 'confirming as a client',
} as const;

const releaseNotes: Readonly<Record<string, string>> = {
  [from]: '# The first Notes\n\n- Write, search, delete',
  [to]: '# Calmer and quicker\n\n- **Search** looks through whole notes now\n- Typing in long notes is *twice as fast*',
};

function describe(report: Report & { readonly type: 'state' }): string {
  const { state } = report;
  if (state.type !== 'downloading') return `${state.type}…`;
  const { received, total, bytesPerSecond } = state.progress;
  const amounts = `${formatBytes(received)} of ${formatBytes(total)}, ${formatBytes(bytesPerSecond)}/s`;
  return `${progressBar(received / total)} ${amounts}`;
}

/** `undefined` until it is known. */
function isUpToDate(report: Report): true | undefined {
  if (report.type === 'failed') throw failureOf(report);
  return report.type === 'state' && report.state.type === 'idle' && report.state.lastCheck !== undefined
    ? true
    : undefined;
}

function failureOf({ error }: Report & { readonly type: 'failed' }): Error {
  return new UpdateError(error.code, error.message);
}

/** Aborts `ended` when no process of the app is left. Otherwise the job would wait forever for its reports. */
async function watchEnd(app: InstalledApp, listener: AppListener, ended: AbortController): Promise<void> {
  try {
    await app.gone(ended.signal);
    await listener.silent(ended.signal);
    const words = await app.lastWords();
    const printed = words === '' ? 'It printed nothing.' : `It printed:\n${words}`;
    ended.abort(new Error(`Notes ended before its update was done and reported no error. ${printed}`));
  } catch (error) {
    ended.abort(error);
  }
}

function timed<K extends string>(
  seconds: Record<K, number>,
  key: K,
  task: NonNullable<ListrTask<Job>['task']>,
): NonNullable<ListrTask<Job>['task']> {
  return async (context, wrapper) => {
    const begun = performance.now();
    await task(context, wrapper);
    seconds[key] = secondsSince(begun);
  };
}

function secondsSince(begun: number): number {
  return Math.round(performance.now() - begun) / 1000;
}

/**
 * The hash of the installed AppImage. For a portable directory, the hash of the archive if the directory has its files.
 */
async function installedSha256(app: InstalledApp, build: PackagedDemo, directory: string): Promise<string> {
  if (build.artifact.endsWith('.AppImage')) return hashFile(app.executable);
  const expected = join(directory, 'expected');
  await mkdir(expected);
  await extract({ file: build.artifact, cwd: expected });
  await assertSameFiles(expected, dirname(await realpath(app.executable)));
  return hashFile(build.artifact);
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('An earlier step of the main job left no result.');
  return value;
}
