import { app } from 'electron';

import { textOf } from '../../shared/errors.ts';
import { beatOnce } from '../install/state/heartbeat.ts';
import { awaitsConfirmation, readInstallRecordSync } from '../install/state/install-journal.ts';
import { mayRollBack } from '../install/transaction/decide-recovery.ts';
import type { Logger } from '../ports.ts';

/** Number of listeners for uncaught exceptions besides the app's: Electron's, which shows an error box, and ours. */
const electronAndOurs = 2;

/** Milliseconds after which an exception no longer counts as a failed start. */
const guardMs = 120_000;

/**
 * Guards the first moments of a version that was just installed. The guard writes a sign of life for the watchdog, long
 * before the recovery has found out which start this is. The guard also ends the process on an uncaught exception.
 * Electron would show an error box and keep running, so the watchdog would have to wait for a time-out. The guard does
 * nothing if the app has its own listener for `uncaughtException`, if the version cannot be rolled back, or in any
 * other start. The result removes the guard.
 */
export function guardFirstStart(directory: string, logger: Logger): () => void {
  if (!isFirstStart(directory)) return () => undefined;
  try {
    beatOnce(directory);
  } catch (error) {
    logger.warn(`The first start cannot give a sign of life: ${textOf(error)}`);
  }
  const onException = (error: unknown): void => {
    if (process.listenerCount('uncaughtException') > electronAndOurs) return;
    logger.error('This version ends, because its first start failed.', error);
    // This also informs a person who started the app in a terminal.
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    app.exit(1);
  };
  const release = (): void => {
    clearTimeout(timer);
    process.off('uncaughtException', onException);
  };
  process.on('uncaughtException', onException);
  const timer = setTimeout(release, guardMs).unref();
  return release;
}

function isFirstStart(directory: string): boolean {
  const record = readInstallRecordSync(directory);
  if (record === undefined || record.to.version !== app.getVersion()) return false;
  return awaitsConfirmation(record) && mayRollBack(record);
}
