import { textOf } from '../../shared/errors.ts';
import type { FirstStart, Launch } from '../ports.ts';
import { mayRollBack } from './decide-recovery.ts';
import { type InstallRecord, withoutRun } from './install-journal.ts';
import { locked, rollBack, type Room } from './room.ts';
import { watchFirstStart } from './watch.ts';

/**
 * Starts the new version and, where there is a way back, watches its first start from this process, which runs the old
 * one: a version that can not even be loaded can not count its own failures.
 */
export async function launchWatched(room: Room, launch: Launch): Promise<FirstStart> {
  const { journal, logger, limits, start, directory, clock } = room;
  const record = await journal.read();
  if (record?.path === undefined) {
    (await start(launch)).leave();
    return { type: 'unconfirmed' };
  }
  const { version } = record.to;
  for (let current = record; ;) {
    const waiting = { ...withoutRun(current), step: 'replaced' as const };
    await journal.write(waiting);
    const isConfirmed = async (): Promise<boolean> => !isSameInstall(await journal.read(), record);
    const finding = await watchFirstStart({ launch, start, directory, clock, limits, isConfirmed });
    if (finding.type !== 'failed') return finding;
    const reason = `Version ${version} ${finding.why}.`;
    logger.error(`install: ${reason}`);
    // The run is over and counted: no later start may count it again.
    const failed = withoutRun((await journal.read()) ?? waiting);
    current = { ...failed, failures: current.failures + 1, reason };
    if (current.failures < limits.failures) continue;
    const canGoBack = mayRollBack(current);
    await journal.write({ ...current, step: canGoBack ? 'rolling-back' : 'stuck' });
    return canGoBack ? goBack(room, launch, reason) : { type: 'stuck', reason };
  }
}

async function goBack(room: Room, launch: Launch, reason: string): Promise<FirstStart> {
  const { start, logger } = room;
  if (!(await locked(room, () => rollBack(room, reason)))) return { type: 'stuck', reason };
  try {
    (await start(launch)).leave();
  } catch (error) {
    logger.error(`install: the previous version is back and could not be started: ${textOf(error)}`);
  }
  return { type: 'rolled-back', reason };
}

function isSameInstall(record: InstallRecord | undefined, ours: InstallRecord): boolean {
  return record !== undefined && record.to.version === ours.to.version && record.path === ours.path;
}
