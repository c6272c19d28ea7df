import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { createHeadlessUpdater, UpdateError, type UpdateErrorData, type Updater } from '../../src/main/headless.ts';
import { connectReporter, type Reporter } from './report.ts';

/**
 * Notes without windows, where it was packaged with Node instead of Electron.
 *
 * `--update` looks for a newer Notes, installs and starts it; ends with 1 when that does not work out.
 * `--version` says which version this is. `--channel=NAME` chooses a channel first. `--report=SOCKET` tells whoever listens there what happens.
 */
export async function runHeadless(): Promise<void> {
  const { values: options } = parseArgs({
    strict: false,
    options: {
      version: { type: 'boolean' },
      update: { type: 'boolean' },
      channel: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8')) as Description;
  if (options.version === true) return console.log(`Notes ${version}`);
  const reporter = typeof options.report === 'string' ? await connectReporter(options.report, quit) : silent;
  reporter.send({ type: 'started', version, pid: process.pid });
  const failure = await work(version, options.update === true, String(options.channel ?? ''), reporter);
  if (failure === undefined) return;
  reporter.send({ type: 'failed', error: failure });
  console.error(`${failure.code}: ${failure.message}`);
  process.exit(1);
}

interface Description {
  readonly version: string;
}

const silent: Reporter = { send() {} };

async function work(
  version: string,
  update: boolean,
  channel: string,
  reporter: Reporter,
): Promise<UpdateErrorData | undefined> {
  try {
    const updater = await createHeadlessUpdater({ name: 'Notes', version });
    updater.subscribe((state) => reporter.send({ type: 'state', state }));
    await updater.confirmHealthy();
    if (channel !== '') await updater.setChannel(channel);
    if (update) return await updateNow(updater, version);
    console.log(
      `Notes ${version} runs without windows: it was packaged with Node instead of Electron. Ctrl-C ends it.`,
    );
    process.stdin.resume();
    return undefined;
  } catch (error) {
    if (error instanceof UpdateError) return error.toData();
    throw error;
  }
}

/** Check, download, install: the updater ends this process when the new version has been started. */
async function updateNow(updater: Updater, version: string): Promise<UpdateErrorData | undefined> {
  await updater.check();
  if (updater.state.type === 'available') await updater.download();
  if (updater.state.type === 'staged') await updater.install('now');
  const { state } = updater;
  if (state.type === 'needs-attention') return state.error;
  if ('lastError' in state) return state.lastError;
  console.log(state.type === 'disabled' ? state.message : `Notes ${version} is up to date.`);
  return quit();
}

function quit(): never {
  process.exit(0);
}
