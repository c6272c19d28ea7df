import { readFile, rm } from 'node:fs/promises';

import { systemCode, textOf } from '../../shared/errors.ts';
import type { ProcessEnd, StartProcess } from '../node/start-process.ts';
import type { Clock, Launch } from '../ports.ts';
import { type Finding, type FirstStartLimits, judge } from './first-start.ts';
import { heartbeatPath } from './heartbeat.ts';

const pollMs = 100;

export interface WatchOptions {
  readonly launch: Launch;
  readonly start: StartProcess;
  /** The private directory of this installation's updates. */
  readonly directory: string;
  readonly clock: Clock;
  readonly limits: FirstStartLimits;
  /** Has the new version confirmed? */
  readonly isConfirmed: () => Promise<boolean>;
}

/** Starts the new version and watches until something is known. A version that fails while it runs is ended. */
export async function watchFirstStart(options: WatchOptions): Promise<Exclude<Finding, { type: 'wait' }>> {
  const { launch, start, directory, clock, limits, isConfirmed } = options;
  await rm(heartbeatPath(directory), { force: true });
  const child = await start(launch).catch((error: unknown) => ({ failure: textOf(error) }));
  if ('failure' in child) return { type: 'failed', why: `can not be started (${child.failure})` };
  let ended: ProcessEnd | undefined;
  void child.ended.then((end) => (ended = end));
  let beat: string | undefined;
  let beatAt = 0;
  // Polls are counted instead of asking a clock: neither a changed clock nor a sleeping machine is the version's fault.
  for (let elapsed = 0; ; elapsed += pollMs) {
    const endedBefore = ended;
    const now = await readBeat(directory);
    if (now !== beat) beatAt = elapsed;
    beat = now;
    const finding = judge(
      {
        confirmed: await isConfirmed(),
        ended: endedBefore,
        loaded: beat !== undefined,
        sinceStartMs: elapsed,
        sinceBeatMs: elapsed - beatAt,
      },
      limits,
    );
    if (finding.type === 'wait') {
      await Promise.race([child.ended, new Promise<void>((resolve) => void clock.after(pollMs, resolve))]);
      continue;
    }
    if (finding.type === 'failed') {
      child.kill();
      await child.ended;
    }
    child.leave();
    return finding;
  }
}

async function readBeat(directory: string): Promise<string | undefined> {
  try {
    return await readFile(heartbeatPath(directory), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
