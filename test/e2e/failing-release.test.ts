// @module-tag slow
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestOptions } from 'vitest';

import { type InstalledApp, installDemo } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, type DemoWorld } from '../../scripts/demo/world.ts';
import { requires } from '../support/requires.ts';
import { buildFailing, type FailingBuild, type Fault } from './failing/build.ts';

/** What the app printed when it was started: the updater's state at first and at last, and its history. */
interface Words {
  readonly version: string;
  readonly found: object;
  readonly state: object;
  readonly history: readonly object[];
}

type Case = readonly [Fault, FailingBuild['kind']];

/**
 * The whole chain with nothing played: an embedded repository over HTTP, `publishBuild`, TUF, publisher signatures,
 * download, staging, hook, and processes. The apps run in Node instead of Electron.
 */
describe('a release that fails, from its publication to the next good one,', () => {
  let directory: string;
  let world: DemoWorld;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'failing-'));
    world = await createDemoWorld(directory);
  });
  afterAll(async () => {
    await endProcessesOf(directory);
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  interface Line {
    readonly home: string;
    publish(version: string, fault: Fault): Promise<void>;
    /** Starts the app, and waits until nothing of it runs any more. */
    start(...args: string[]): Promise<void>;
    /** Starts it once more and asks. */
    ask(): Promise<Words>;
  }

  /** A channel, with 1.0.0 installed from it. */
  async function openLine(kind: FailingBuild['kind'], name: string): Promise<Line> {
    const channel = `${kind}-${name.replaceAll(' ', '-')}`.slice(0, 32);
    const work = join(directory, channel);
    const home = join(work, 'home');
    await mkdir(work);
    const build = async (version: string, fault: Fault): Promise<Parameters<DemoWorld['publish']>[0]> =>
      buildFailing({
        version,
        fault,
        kind,
        work,
        root: join(world.update, 'root.json'),
        config: { ...world.config, channel },
      });
    const app: InstalledApp = await installDemo(await build('1.0.0', 'none'), home);
    return {
      home,
      async publish(version, fault) {
        await world.publish(await build(version, fault), { channel });
      },
      async start(...args) {
        await app.start(args);
        await app.gone(AbortSignal.timeout(240_000));
      },
      async ask() {
        const { stdout, stderr } = await app.run([]);
        if (stdout === '') throw new Error(stderr);
        return JSON.parse(stdout) as Words;
      },
    };
  }

  const options = (kind: FailingBuild['kind']): TestOptions => ({
    ...(kind === 'appimage' ? requires('mksquashfs', 'unsquashfs') : {}),
    timeout: 300_000,
  });
  const rolledBack: readonly Case[] = [
    ['crashes at start', 'appimage'],
    ['cannot be loaded', 'appimage'],
    ['cannot be loaded', 'portable'],
    ['hangs', 'portable'],
  ];

  for (const [fault, kind] of rolledBack) {
    it.concurrent(
      `${fault} (${kind}): 1.0.0 comes back, does not try again, and takes 1.2.0`,
      options(kind),
      async () => {
        const line = await openLine(kind, fault);
        await line.publish('1.1.0', fault);
        await line.start('--update');
        const back = await line.ask();
        await line.start('--update');
        const refused = await line.ask();
        await line.publish('1.2.0', 'none');
        await line.start('--update');
        const { version, state, history } = await line.ask();
        expect({
          back: back.version,
          refused: [refused.version, refused.history],
          now: [version, state],
          history: history.slice(0, 2),
        }).toMatchObject({
          back: '1.0.0',
          refused: ['1.0.0', back.history],
          now: ['1.2.0', { type: 'idle' }],
          history: [
            { result: 'installed', from: '1.0.0', to: '1.2.0' },
            { result: 'rolled-back', from: '1.1.0', to: '1.0.0' },
          ],
        });
      },
    );
  }

  it.concurrent(
    'crashes after it migrated its data (appimage): 1.1.0 stays, says so calmly, and takes 1.2.0',
    options('appimage'),
    async () => {
      const fault = 'crashes after it migrated its data';
      const line = await openLine('appimage', fault);
      await line.publish('1.1.0', fault);
      await line.start('--update');
      const starts = await readFile(join(line.home, 'starts'), 'utf8');
      const { version, found } = await line.ask();
      await line.publish('1.2.0', 'none');
      await line.start('--update');
      const fixed = await line.ask();
      expect({ starts: starts.trim().split('\n'), version, found, fixed: fixed.version }).toMatchObject({
        starts: ['1.0.0', '1.1.0', '1.1.0'],
        version: '1.1.0',
        found: { type: 'idle', lastError: { code: 'INSTALL_UNHEALTHY' } },
        fixed: '1.2.0',
      });
    },
  );
});
