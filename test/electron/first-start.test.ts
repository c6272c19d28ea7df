// @module-tag slow
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { createScriptAppWorld, type ScriptApp, type ScriptAppWorld } from '../support/script-app.ts';

/** The result of an update. `notes` are the lines of the new version without their times. */
interface Outcome {
  readonly installed: string;
  readonly notes: readonly string[];
  /** Milliseconds from the first start of the new version to the next start of the old one. */
  readonly backAfterMs: number | undefined;
}

describe(`the first start of a new version, in ${electronName}`, { ...requires(windows), timeout: 120_000 }, () => {
  let apps: ScriptAppWorld;
  beforeAll(async () => {
    apps = await createScriptAppWorld(join(import.meta.dirname, 'first-start-app/main.ts'));
    await apps.publish('1.0.0');
    await apps.publish('1.1.0', { size: 20_000_000 });
  });
  afterAll(async () => apps?.close());

  async function update(then: string, env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
    const app = await apps.install('1.0.0');
    const lines = await app.run({ NOTES_PLAN: 'update', NOTES_THEN: then, ...env });
    if (lines.some((line) => line.startsWith('{'))) throw new Error(lines.join('\n'));
    await untilGone(app);
    return outcomeOf(app);
  }

  async function outcomeOf(app: ScriptApp): Promise<Outcome> {
    const lines = (await readFile(join(app.home, 'notes'), 'utf8')).trimEnd().split('\n');
    const startsOf = (version: string): readonly number[] =>
      lines.flatMap((line) => (line.startsWith(`${version} starts `) ? [Number(line.split(' ')[2])] : []));
    const back = startsOf('1.0.0')[1];
    return {
      installed: await app.installed(),
      notes: lines.filter((line) => line.startsWith('1.1.0 ')).map((line) => line.replace(/ \d{13}$/, '').slice(6)),
      backAfterMs: back === undefined ? undefined : back - (startsOf('1.1.0')[0] ?? 0),
    };
  }

  /** Waits until no process is left. A single check might fall between two processes of an update. */
  async function untilGone(app: ScriptApp): Promise<void> {
    let empty = 0;
    while (empty < 5) {
      await delay(100);
      const found = [...(await processesOf(app.home)), ...(await processesOf(join(apps.directory, 'programs')))];
      empty = found.length === 0 ? empty + 1 : 0;
    }
  }

  it('is confirmed by confirmHealthy(), however early it is called', async () => {
    expect(await update('confirm at once')).toEqual({
      installed: '1.1.0',
      notes: ['starts', 'confirmed'],
      backAfterMs: undefined,
    });
  });

  it('is not undone after pointOfNoReturn(), however early it is called', async () => {
    expect(await update('migrate at once')).toEqual({
      installed: '1.1.0',
      notes: ['starts', 'migrated', 'starts', 'migrated'],
      backAfterMs: undefined,
    });
  });

  it.each(['throw after the updater', 'throw when it is ready'])(
    'ends at once, without an error box: %s',
    async (then) => {
      const { backAfterMs = Infinity, ...outcome } = await update(then);
      expect({ ...outcome, isSoon: backAfterMs < 15_000 }).toEqual({
        installed: '1.0.0',
        notes: ['starts', 'starts'],
        isSoon: true,
      });
    },
  );

  it('is left alone if the app handles its exceptions itself', async () => {
    expect(await update('throw, and say so itself')).toEqual({
      installed: '1.1.0',
      notes: ['starts', 'heard a bug after ready'],
      backAfterMs: undefined,
    });
  });

  it('is given up when its updater does not come, the second time sooner', async () => {
    const { backAfterMs = Infinity, ...outcome } = await update('throw before the updater', { NOTES_LOAD_MS: '10000' });
    // The limits are 10 and 5 s, not 10 and 10. Electron also needs time to start on a busy machine.
    expect({ ...outcome, isSoon: backAfterMs > 13_000 && backAfterMs < 19_000 }).toEqual({
      installed: '1.0.0',
      notes: ['starts', 'starts'],
      isSoon: true,
    });
  });

  it('holds nothing open that the old version had, whose processes are all gone', async () => {
    const app = await apps.install('1.0.0');
    await app.run({ NOTES_PLAN: 'update' });
    await expect
      .poll(async () => readFile(join(app.home, 'notes'), 'utf8'), { timeout: 30_000 })
      .toMatch(/1\.1\.0 runs/);
    const old = await processesOf(join(apps.directory, 'programs/1.0.0'));
    const notes = await readFile(join(app.home, 'notes'), 'utf8');
    const inherited = /^1\.0\.0 inherits (.+)$/m.exec(notes)?.[1] ?? 'nothing';
    const holds = [...notes.matchAll(/^1\.1\.0 holds (.+)$/gm)].map(([, path]) => path);
    await untilGone(app);
    expect({ old, inherited, has: holds.includes(inherited), isSeen: holds.length > 5 }).toEqual({
      old: [],
      inherited: expect.stringMatching(/^(socket|pipe):/),
      has: false,
      isSeen: true,
    });
  });
});
