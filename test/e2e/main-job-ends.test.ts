// @module-tag slow
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Listr } from 'listr2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createMainJob } from '../../scripts/demo/main-job.ts';
import { processesOf } from '../../scripts/demo/processes.ts';
import type { DemoPackager } from '../../scripts/package-demo.ts';

/** Says what it is told to whoever listens, and ends. */
const talker = `import { connect } from 'node:net';
const [report, ...lines] = process.argv.slice(2);
const socket = connect(report.slice('--report='.length), () => socket.end(lines.map((line) => line + '\\n').join('')));
`;

/** The main job with an app that does not do its part: scripts in the place of AppImages. */
describe('the main job with an app that', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'notes-ends-'));
    await writeFile(join(directory, 'talker.mjs'), talker);
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  const packagerOf = (script: string) => async (): Promise<DemoPackager> =>
    Promise.resolve({
      shell: 'node',
      format: 'appimage',
      hints: [],
      async package({ version, out }) {
        const artifact = join(out, `Notes-${version}-linux-${process.arch}.AppImage`);
        await mkdir(out, { recursive: true });
        const program = `#!/bin/sh\n${script}\n# ${version}\n`;
        await writeFile(artifact, program);
        await chmod(artifact, 0o755);
        return { version, directory: out, artifact, length: program.length };
      },
    });

  async function outcomeOf(script: string, signal = new AbortController().signal): Promise<string> {
    const job = createMainJob(directory, signal, packagerOf(script));
    try {
      await new Listr([...job.tasks], { renderer: 'silent' }).run();
      return 'done';
    } catch (error) {
      return (error as Error).message;
    } finally {
      await job.stop();
    }
  }

  const says = (...lines: object[]): string =>
    [process.execPath, join(directory, 'talker.mjs'), '"$1"', ...lines.map((line) => `'${JSON.stringify(line)}'`)].join(
      ' ',
    );
  const started = (version: string): object => ({ type: 'started', version, pid: 1 });

  it.each<[string, () => string, RegExp]>([
    ['ends without a word', () => 'exit 0', /^Notes ended before its update was done.* It printed nothing\.$/],
    ['prints why it ends', () => 'echo no display >&2; exit 1', /reported no error\. It printed:\nno display$/],
    ['starts and does not update', () => says(started('1.0.0')), /^Notes ended before its update was done/],
    [
      'tells of an error',
      () => says(started('1.0.0'), { type: 'failed', error: { code: 'TRUST_OFFLINE', message: 'Offline.' } }),
      /^Offline\.$/,
    ],
    [
      'starts the old version again',
      () => `${says(started('1.0.0'))}; ${says(started('1.0.0'))}`,
      /^Notes 1\.0\.0 was started after the update, not 1\.1\.0\.$/,
    ],
  ])('%s: reports it, and leaves no process', async (_what, script, message) => {
    expect(await outcomeOf(script())).toMatch(message);
    expect(await processesOf(directory)).toEqual([]);
  });

  it('never ends: stops it with the job', async () => {
    const stop = new AbortController();
    const outcome = outcomeOf('sleep 600', stop.signal);
    const running = async (): Promise<boolean> =>
      (await readdir(directory)).includes('home') && (await processesOf(join(directory, 'home'))).length > 0;
    await expect.poll(running, { timeout: 60_000 }).toBe(true);
    stop.abort(new Error('Late.'));
    expect(await outcome).toBe('Late.');
    expect(await processesOf(directory)).toEqual([]);
  });
});
