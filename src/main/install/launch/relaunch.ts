import type { FirstStartLimits, Launch } from '../../ports.ts';
import { mayRollBack } from '../transaction/decide-recovery.ts';
import type { InstallContext } from '../context.ts';
import { tickMs, watchdogScript } from './watchdog-script.ts';

/** Waits until this process has ended, then becomes the app. */
const plainScript = 'read -r _ || :; exec </dev/null; exec "$@"';

/**
 * Starts the app as soon as this process has ended. A separate process watches the first start of a version that can be
 * rolled back.
 */
export async function relaunchAfterExit(context: InstallContext, { execPath, args, env }: Launch): Promise<void> {
  const { journal, hook, directory, limits, start } = context;
  const record = await journal.read();
  const { installed } = hook;
  if (record?.step !== 'replaced' || installed === undefined) {
    return start(plainScript, [execPath, ...args], env);
  }
  const previous = mayRollBack(record) ? installed.previous : '';
  const fixed = [directory, record.id, execPath, previous, String(limits.failures), ...ticksOf(limits)];
  return start(watchdogScript, [...fixed, ...args], env);
}

function ticksOf({ loadMs, hangMs, watchMs }: FirstStartLimits): readonly string[] {
  return [loadMs, hangMs, watchMs].map((ms) => String(Math.max(1, Math.ceil(ms / tickMs))));
}
