import { isAbsolute } from 'node:path';

import type { Logger } from '../main/ports.ts';
import { textOf, toUpdateError, UpdateError } from '../shared/errors.ts';
import type { HandOverResult } from '../shared/native-package.ts';
import { callerOf } from './as-caller.ts';
import { installHandedOver } from './replace-package.ts';

/** The exit code of a failure. pkexec itself uses 126 and 127. */
const exitCodes = { installed: 0, refused: 1 } as const;

const logger: Logger = {
  info: note,
  warn: note,
  error: note,
  debug: () => undefined,
};

/** Entry point. Takes a directory as its only argument, and prints one line of JSON. */
async function main(): Promise<void> {
  // The helper finishes its work even if the app, its terminal or its session ends.
  process.on('SIGHUP', () => note('the session has ended; the install goes on'));
  // Ctrl-Z also reaches root's processes, and a suspended helper would block all later updates.
  for (const signal of ['SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.on(signal, () => undefined);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.umask(0o022);
  // Electron treats every file named *.asar as an archive.
  Object.assign(process, { noAsar: true });
  const result = await run();
  process.exitCode = result.ok ? exitCodes.installed : exitCodes.refused;
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function run(): Promise<HandOverResult> {
  try {
    const directory = argument();
    const version = await installHandedOver({
      directory,
      ownDirectory: import.meta.dirname,
      runtime: process.execPath,
      caller: callerOf(process.env),
      logger,
    });
    return { ok: true, version };
  } catch (error) {
    const { code, message } = toUpdateError(error, 'INSTALL_FAILED');
    return { ok: false, code, message };
  }
}

function argument(): string {
  const [directory, ...more] = process.argv.slice(2);
  if (process.geteuid?.() !== 0) {
    throw new UpdateError(
      'INSTALL_FAILED',
      'This program installs packages and must be started as root, with pkexec or sudo.',
    );
  }
  if (directory === undefined || more.length > 0 || !isAbsolute(directory)) {
    throw new UpdateError(
      'INSTALL_FAILED',
      'Give one argument: the absolute path of the directory that the app handed over.',
    );
  }
  return directory;
}

function note(message: string, ...rest: readonly unknown[]): void {
  process.stderr.write(`${[message, ...rest.map(textOf)].join(' ')}\n`);
}

await main();
