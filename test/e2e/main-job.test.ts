// @module-tag slow
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { processesOf } from '../../scripts/demo/processes.ts';
import { windows } from '../support/electron.ts';

const start = resolve(import.meta.dirname, '../../scripts/start.ts');

/** `npm start`, as its users run it. */
describe('the main job', () => {
  let directory: string;
  let tools: string;
  const withoutSquashfs = async (): Promise<string> => pathWithout(['mksquashfs', 'unsquashfs'], tools);

  beforeEach(async () => {
    tools = await mkdtemp(join(tmpdir(), 'notes-path-'));
    directory = await mkdtemp(join(tmpdir(), 'notes-job-'));
  });
  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
    await rm(tools, { recursive: true });
  });

  const run = (...args: string[]) => runWith({}, ...args);
  const runWith = (change: Readonly<Record<string, string>>, ...args: string[]) => {
    const env = { ...process.env, TMPDIR: directory, ...change };
    const child = spawn(process.execPath, [start, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    const output = text(child.stdout);
    return {
      child,
      async end() {
        const [code] = (await once(child, 'close')) as [number | null];
        return { code, output: await output, left: await readdir(directory), processes: await processesOf(directory) };
      },
    };
  };

  it('updates the installed 1.0.0 to 1.1.0 by a patch over HTTP, reports that in one line, and leaves nothing behind', async () => {
    const { output, ...ended } = await run('--json').end();
    const result = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
    const { artifact, received, saved, sha256, seconds, format } = result;
    expect({
      ...ended,
      result,
      all: Number(received) + Number(saved) === artifact,
      little: Number(received) < 50_000,
      lines: output.trimEnd().split('\n').length,
    }).toEqual({
      code: 0,
      left: [],
      processes: [],
      result: {
        from: '1.0.0',
        to: '1.1.0',
        verified: true,
        shell: windows.isMet ? 'electron' : 'node',
        format,
        artifact,
        received,
        saved,
        sha256,
        seconds,
      },
      all: true,
      little: true,
      lines: 1,
    });
  }, 600_000);

  it('updates a portable directory by its changes if there is no mksquashfs, and says what would help', async () => {
    const { output, ...ended } = await runWith({ PATH: await withoutSquashfs() }).end();
    expect(ended).toEqual({ code: 0, left: [], processes: [] });
    expect(output).toContain('Notes 1.0.0 has updated itself to 1.1.0.');
    expect(output).toContain('apt install squashfs-tools');
    // The old archive is gone: chunks come from the installed files, and each file costs those at its edges. Electron has
    // about eighty of them.
    const little = windows.isMet
      ? '[1-9](\\.\\d+)? MB instead of 2\\d\\d'
      : '(\\d+(\\.\\d+)? kB|1\\.\\d+ MB) instead of \\d+(\\.\\d+)?';
    expect(output).toMatch(new RegExp(`download +${little} MB: only what has changed`));
  }, 600_000);

  it('stops after its time limit, and leaves nothing behind', async () => {
    const { output, ...ended } = await run('--json', '--timeout=0.5').end();
    expect({ ...ended, result: JSON.parse(output) as unknown }).toEqual({
      code: 1,
      left: [],
      processes: [],
      result: { verified: false, message: 'The main job was not done after 0.5 seconds.' },
    });
  }, 60_000);

  it.each([
    ['SIGINT', 'is packaging', (paths: readonly string[]) => paths.some((path) => path.includes('linux-unpacked'))],
    ['SIGINT', 'is downloading', (paths: readonly string[]) => paths.some((path) => path.endsWith('.part'))],
    [
      'SIGTERM',
      'has just replaced the app',
      (paths: readonly string[]) => paths.some((path) => path.endsWith('.previous')),
    ],
  ] as const)(
    'stops on %s while it %s, and leaves nothing',
    async (signal, moment, reached) => {
      // A patch is there before anybody could look.
      const job = moment === 'is downloading' ? runWith({ PATH: await withoutSquashfs() }) : run();
      const ended = job.end();
      const progress = async (): Promise<string> => {
        if (job.child.exitCode !== null) return 'ended';
        return reached(await readdir(directory, { recursive: true }).catch(() => [])) ? 'reached' : 'not yet';
      };
      await expect.poll(progress, { timeout: 540_000, interval: 5 }).not.toBe('not yet');
      // The terminal sends it to the whole group.
      process.kill(-(job.child.pid ?? 0), signal);
      expect(await ended).toEqual({ code: signal === 'SIGINT' ? 130 : 143, output: '', left: [], processes: [] });
    },
    600_000,
  );
});

/** PATH as it is, but for some programs: links to all others, in `directory`. */
async function pathWithout(programs: readonly string[], directory: string): Promise<string> {
  const seen = new Set(programs);
  for (const folder of (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (seen.has(name)) continue;
      seen.add(name);
      await symlink(resolve(folder, name), join(directory, name));
    }
  }
  return directory;
}
