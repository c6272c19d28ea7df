/**
 * `npm start`: shows the main job on this machine. Builds two releases of the demo app and publishes them to the
 * embedded repository. The installed 1.0.0 updates itself to 1.1.0. Everything happens in a temporary directory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Listr, PRESET_TIMER } from 'listr2';

import { formatBytes } from '../src/publish/terminal/format.ts';
import { createMainJob, type MainJobResult } from './demo/main-job.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    timeout: { type: 'string', default: '600' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  console.log(
    `npm start -- [--json] [--keep] [--timeout=SECONDS]

--json     print one line of JSON at the end
--keep     keep the directory with the releases, the repository and the installed app
--timeout  give up after that time; 600 unless given`,
  );
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const stopped = stopOnSignals();
  const seconds = Number(options.timeout);
  if (!(seconds > 0 && seconds <= 86_400)) {
    console.error('--timeout must be more than 0 seconds and at most a day.');
    return 2;
  }
  const late = AbortSignal.timeout(seconds * 1000);
  const directory = await mkdtemp(join(tmpdir(), 'notes-'));
  const job = createMainJob(directory, AbortSignal.any([stopped.signal, late]));
  const animated = process.stdout.isTTY && !options.json;
  try {
    await new Listr([...job.tasks], {
      renderer: animated ? 'default' : 'silent',
      rendererOptions: { collapseSubtasks: false, timer: PRESET_TIMER },
      registerSignalListeners: false,
    }).run();
    const result = await job.result();
    console.log(options.json ? JSON.stringify(result) : summary(result, job.hints()));
    return result.verified ? 0 : 1;
  } catch (error) {
    if (stopped.signal.aborted) return stopped.exitCode();
    report(late.aborted ? new Error(`The main job was not done after ${seconds} seconds.`) : error);
    return 1;
  } finally {
    await job.stop();
    if (options.keep) console.error(`Kept: ${directory}`);
    else await rm(directory, { recursive: true, force: true });
  }
}

/** Ctrl-C, a closed terminal and `kill` stop the job. Its processes are ended and its files removed. */
function stopOnSignals(): { readonly signal: AbortSignal; exitCode(): number } {
  const abort = new AbortController();
  let code = 1;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      code = 128 + constants.signals[name];
      abort.abort(new Error('Stopped.'));
    });
  }
  return { signal: abort.signal, exitCode: () => code };
}

function report(error: unknown): void {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (options.json) console.log(JSON.stringify({ verified: false, code, message }));
  else console.error(`\n${code === undefined ? '' : `${code}: `}${message ?? String(error)}`);
}

function summary(result: MainJobResult, hints: readonly string[]): string {
  const { seconds, received, artifact } = result;
  const instead = received < artifact ? ` instead of ${formatBytes(artifact)}: only what has changed` : '';
  const lines = [
    `Notes ${result.from} has updated itself to ${result.to}.`,
    '',
    `  download   ${formatBytes(received)}${instead}`,
    `  verified   TUF metadata and the publisher's signature agree; sha256 ${result.sha256.slice(0, 16)}… is installed`,
    `  time       package ${seconds.package.toFixed(1)} s, publish ${seconds.publish.toFixed(1)} s, update ${seconds.update.toFixed(1)} s, total ${seconds.total.toFixed(1)} s`,
    ...hints.map((hint) => `\n  better with: ${hint}`),
  ];
  return `\n${lines.join('\n')}\n`;
}
