import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { createHeadlessUpdater, UpdateError, type UpdateErrorData } from '../../src/main/headless.ts';
import { type NotesOptions, readOptions } from './options.ts';
import { connectReporter, type Reporter } from './report.ts';
import { updateNow } from './self-update.ts';

/**
 * Runs Notes without windows, if it was packaged with Node instead of Electron.
 *
 * `--update` looks for a newer Notes, installs and starts it; ends with 1 when that does not work out. `--version` says
 * which version this is. `--channel=NAME` chooses a channel first. `--report=SOCKET` tells whoever listens there what
 * happens.
 */
export async function runHeadless(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8')) as Description;
  if (options.version) return console.log(`Notes ${version}`);
  const reporter = options.report === undefined ? silent : await connectReporter(options.report, quit);
  reporter.send({ type: 'started', version, pid: process.pid });
  const failure = await work(version, options, reporter);
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
  { update, channel }: NotesOptions,
  reporter: Reporter,
): Promise<UpdateErrorData | undefined> {
  try {
    // The launcher next to Node starts the app, not Node itself.
    const execPath = join(dirname(process.execPath), 'notes');
    const updater = await createHeadlessUpdater({ name: 'Notes', version, execPath });
    updater.subscribe((state) => reporter.send({ type: 'state', state }));
    await updater.confirmHealthy();
    if (channel !== undefined) await updater.setChannel(channel);
    if (update) return (await updateNow(updater, version)) ?? quit();
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

function quit(): never {
  process.exit(0);
}
