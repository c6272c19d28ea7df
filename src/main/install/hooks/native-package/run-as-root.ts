import { errorCodes } from '../../../../shared/error-table.ts';
import { systemCode, textOf, UpdateError, type UpdateErrorCode } from '../../../../shared/errors.ts';
import { parseHandOverResult } from '../../../../shared/native-package.ts';
import type { Spawn, SpawnResult } from '../../../ports.ts';
import { manualCommand } from './manual-command.ts';

/**
 * The meaning of pkexec's own exit codes (pkexec(1), "Return value"). If the helper ran, its answer on stdout counts
 * instead.
 */
const refusals: Readonly<Record<number, string>> = {
  126: 'The permission to install was not given.',
  127: 'This user may not install software, or this system has no program that asks for a password.',
};

export interface RootInstall {
  /** Absolute path of the launcher that the package installed. */
  readonly launcher: string;
  /** Absolute path of the hand-over. */
  readonly directory: string;
  readonly isRoot: boolean;
  /** The environment for pkexec. The launcher clears it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs the root helper on a hand-over and waits for it, without a time limit, because the user may have to enter a
 * password. Uses an argument vector, never a shell.
 * @throws UpdateError `INSTALL_ELEVATION_REFUSED` if the permission was not given, else the code of the root helper;
 * `remedyCommand` is the command that a person can run instead
 */
export async function installAsRoot(spawn: Spawn, wanted: RootInstall): Promise<void> {
  const remedyCommand = manualCommand(wanted.launcher, [wanted.directory]);
  const result = await start(spawn, wanted, remedyCommand);
  const answer = parseHandOverResult(result.stdout);
  if (answer?.ok === true) return;
  if (answer !== undefined) throw new UpdateError(known(answer.code), answer.message, { remedyCommand });
  const refusal = wanted.isRoot ? undefined : refusals[result.code ?? 0];
  if (refusal !== undefined) throw elevationRefused(refusal, remedyCommand);
  const said = result.stderr.trim().split('\n').slice(-2).join(' ').slice(0, 300);
  throw failed(`ended without an answer (${result.code ?? result.signal ?? 'unknown'}): ${said}`, remedyCommand);
}

async function start(spawn: Spawn, wanted: RootInstall, remedyCommand: string): Promise<SpawnResult> {
  const { launcher, directory, isRoot, env } = wanted;
  try {
    return isRoot
      ? await spawn.run(launcher, [directory], { env: {}, cwd: '/' })
      : await spawn.run('pkexec', ['--disable-internal-agent', launcher, directory], { env, cwd: '/' });
  } catch (error) {
    if (!isRoot && systemCode(error) === 'ENOENT')
      throw elevationRefused('This system has no pkexec.', remedyCommand, error);
    throw failed(`could not be started: ${textOf(error)}`, remedyCommand, error);
  }
}

function elevationRefused(what: string, remedyCommand: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'INSTALL_ELEVATION_REFUSED',
    `${what} Try again, or let an administrator run: ${remedyCommand}`,
    {
      cause,
      remedyCommand,
    },
  );
}

function failed(what: string, remedyCommand: string, cause?: unknown): UpdateError {
  return new UpdateError('INSTALL_FAILED', `The install helper ${what} Try again, or run: ${remedyCommand}`, {
    cause,
    remedyCommand,
  });
}

/** Replaces a code that this version does not know. The root helper may be newer. */
function known(code: string): UpdateErrorCode {
  return Object.hasOwn(errorCodes, code) ? (code as UpdateErrorCode) : 'INSTALL_FAILED';
}
