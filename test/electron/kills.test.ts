// @module-tag slow
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { createScriptAppWorld, type ScriptApp, type ScriptAppWorld } from '../support/script-app.ts';

/** Number of kills in each phase. FAULT_RUNS sets another number. */
const runs = Number(process.env['FAULT_RUNS'] ?? 1);
/** In the last phase, the new version runs, and its recovery has not yet found out which start this is. */
const phases = ['downloading', 'staged', 'preparing', 'replacing', 'replaced', 'new version'] as const;
type Phase = (typeof phases)[number];

describe(
  `kill -9 while an update runs, in ${electronName}`,
  { ...requires(windows), timeout: 60_000 + runs * 60_000 },
  () => {
    let apps: ScriptAppWorld;
    const struck: string[] = [];
    beforeAll(async () => {
      apps = await createScriptAppWorld(join(import.meta.dirname, 'failing-app/main.ts'));
      await apps.publish('1.0.0');
      await apps.publish('1.1.0', { size: 30_000_000 });
    }, 120_000);
    afterAll(async () => {
      if (process.env['FAULT_RUNS'] !== undefined) process.stderr.write(`killed in: ${struck.join(', ')}\n`);
      await apps?.close();
    });

    /** Returns the private directory of the app's updates; `undefined` before it exists. */
    function updatesOf({ home }: ScriptApp): string | undefined {
      const base = join(home, '.local/state/org.example.notes/updates');
      const [name] = namesIn(base);
      return name === undefined ? undefined : join(base, name);
    }

    function phaseOf(app: ScriptApp): Phase | undefined {
      const updates = updatesOf(app);
      if (updates === undefined) return undefined;
      const step = /"step": "(\w+)"/.exec(textOf(join(updates, 'journal.json')))?.[1];
      if (step !== undefined) return phases.find((phase) => phase === step);
      if (textOf(join(updates, 'staged/staged.json')) !== '') return 'staged';
      return namesIn(join(updates, 'downloads')).some((name) => name.endsWith('.part')) ? 'downloading' : undefined;
    }

    /** Returns the process id of the new version's main process. */
    async function newMain(): Promise<number | undefined> {
      const program = join(apps.directory, 'programs/1.1.0/notes');
      for (const pid of await processesOf(program)) {
        const [first, second = ''] = textOf(`/proc/${pid}/cmdline`).split('\0');
        if (first === program && !second.startsWith('--type=')) return pid;
      }
      return undefined;
    }

    async function untilGone({ home }: ScriptApp): Promise<void> {
      let empty = 0;
      while (empty < 5) {
        await delay(100);
        const found = [...(await processesOf(home)), ...(await processesOf(join(apps.directory, 'programs')))];
        empty = found.length === 0 ? empty + 1 : 0;
      }
    }

    /** Kills the app as soon as it is in this phase. Resolves with the phase in which it was afterwards. */
    async function killIn(phase: Phase, app: ScriptApp): Promise<string> {
      const running = app.start({ NOTES_PLAN: 'update' });
      const ended = new AbortController();
      void running.ended.then(() => ended.abort());
      while (phaseOf(app) !== phase && !ended.signal.aborted) await new Promise(setImmediate);
      const pid = phase === 'new version' ? await newMain() : running.pid;
      const wasAlive = pid !== undefined && tryKill(pid);
      const found = phaseOf(app) ?? 'nothing';
      await running.ended;
      await untilGone(app);
      return wasAlive ? found : `${found}, too late`;
    }

    it.each(phases)('%s: the app works, and the next start completes the update', async (phase) => {
      for (let run = 0; run < runs; run += 1) {
        const app = await apps.install('1.0.0');
        struck.push(await killIn(phase, app));
        const between = await app.installed();
        await app.run({ NOTES_PLAN: 'update' });
        await untilGone(app);
        const left = await readdir(updatesOf(app) ?? app.home);
        expect({
          between: ['1.0.0', '1.1.0'].includes(between),
          installed: await app.installed(),
          history: JSON.parse(await readFile(join(updatesOf(app) ?? '', 'history.json'), 'utf8')) as unknown,
          journal: left.includes('journal.json'),
          beside: (await readdir(app.home)).filter((name) => name.startsWith('.Notes')),
        }).toMatchObject({
          between: true,
          installed: '1.1.0',
          history: [{ result: 'installed', from: '1.0.0', to: '1.1.0' }],
          journal: false,
          beside: [],
        });
      }
    });
  },
);

function tryKill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // The process ended by itself in the meantime.
    return false;
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
