// @module-tag slow
import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { createScriptAppWorld, type ScriptApp, type ScriptAppWorld } from '../support/script-app.ts';

/** The output of an app that starts again and finds nothing to install. */
interface Said {
  readonly version: string;
  readonly state: object;
  readonly history: readonly object[];
}

/** Damages the directory of a program that was built. */
type Sabotage = (program: string) => Promise<void>;

const inProgram: readonly (readonly [string, Sabotage])[] = [
  [
    'has an executable that is cut',
    async (program) => {
      // The damaged executable is a separate file, because Electron's is a link.
      await copyFile(join(program, 'notes'), join(program, 'cut'));
      const file = await open(join(program, 'cut'), 'r+');
      await file.truncate(5000);
      await file.close();
      await rename(join(program, 'cut'), join(program, 'notes'));
    },
  ],
  ['lacks a library', async (program) => rm(join(program, 'libffmpeg.so'))],
  ['lacks a resource of Chromium', async (program) => rm(join(program, 'icudtl.dat'))],
];
const inCode: readonly string[] = [
  'exits with a code',
  'crashes natively',
  'is killed, as by a lack of memory',
  'throws before its updater',
  'imports what is not there',
  'throws after its updater',
  'throws when it is ready',
  'hangs',
  'ends with its page',
];

describe.concurrent(`a release that fails, in ${electronName},`, { ...requires(windows), timeout: 240_000 }, () => {
  let apps: ScriptAppWorld;
  beforeAll(async () => {
    apps = await createScriptAppWorld(join(import.meta.dirname, 'failing-app/main.ts'));
    await apps.publish('1.0.0');
    await apps.publish('1.1.0');
    for (const [index, [, sabotage]] of inProgram.entries()) {
      const version = `1.1.${index + 1}`;
      await apps.publish(version, { channel: `fault-${index}` });
      await sabotage(join(apps.directory, 'programs', version));
    }
    await mkdir(join(apps.directory, 'homes'), { recursive: true });
  }, 120_000);
  afterAll(async () => apps?.close());

  /** Waits until the app stays without processes. A single check might fall between two starts. */
  async function untilGone(app: ScriptApp): Promise<void> {
    let empty = 0;
    while (empty < 10) {
      await delay(200);
      empty = (await isRunning(app)) ? 0 : empty + 1;
    }
  }

  /**
   * The command line of the watchdog contains the home. A version that the watchdog starts has the home in its
   * environment.
   */
  async function isRunning({ home }: ScriptApp): Promise<boolean> {
    if ((await processesOf(home)).length > 0) return true;
    const pids = await processesOf(join(apps.directory, 'programs'));
    const environments = await Promise.all(
      pids.map(async (pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')),
    );
    return environments.some((text) => text.includes(`HOME=${home}\0`));
  }

  it.each([
    ...inCode.map((fault) => [fault, 'stable', '1.1.0'] as const),
    ...inProgram.map(([fault], index) => [fault, `fault-${index}`, `1.1.${index + 1}`] as const),
  ])('%s: 1.0.0 comes back, and does not try again', async (fault, channel, version) => {
    const app = await apps.install('1.0.0');
    const env = { NOTES_PLAN: 'update', NOTES_FAULT: fault, NOTES_CHANNEL: channel };
    await app.run(env);
    await untilGone(app);
    const installed = await app.installed();
    const starts = (await readFile(join(app.home, 'starts'), 'utf8')).trim().split('\n');
    const said = JSON.parse((await app.run(env)).at(-1) ?? '') as Said;
    await untilGone(app);
    const { history, ...again } = said;
    expect({
      installed,
      starts: starts.filter((line) => line === '1.0.0').length,
      again,
      outcome: history[0],
    }).toMatchObject({
      installed: '1.0.0',
      starts: 2,
      again: { version: '1.0.0', state: { type: 'idle' } },
      outcome: { result: 'rolled-back', from: version, to: '1.0.0' },
    });
  });
});
