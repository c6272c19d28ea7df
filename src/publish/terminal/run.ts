import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import { createTerminal, type Terminal } from './terminal.ts';

const exitCodes = { failed: 1, usage: 2, interrupted: 130 } as const;

/**
 * Runs one command. Prints an error as a code and a sentence, and sets the exit code: 1 failed, 2 wrong usage, 130
 * interrupted. Ctrl-C aborts in a resumable state; a second Ctrl-C exits at once.
 */
export async function runCliCommand(
  json: boolean,
  work: (terminal: Terminal, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const terminal = createTerminal(json);
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    await work(terminal, controller.signal);
  } catch (error) {
    if (controller.signal.aborted || isPromptClosed(error)) {
      terminal.note('Interrupted. Run the same command again to continue.');
      process.exitCode = exitCodes.interrupted;
    } else {
      const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
      terminal.fail(failure);
      process.exitCode = failure.code === 'OPTIONS_INVALID' ? exitCodes.usage : exitCodes.failed;
    }
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Whether a prompt ended by Ctrl-C. */
function isPromptClosed(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}

/** A usage error in one line. */
export function usage(message: string): UpdateError {
  return new UpdateError('OPTIONS_INVALID', message);
}
