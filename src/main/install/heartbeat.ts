import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf } from '../../shared/errors.ts';
import type { Clock, Logger } from '../ports.ts';

/** The file that a new version changes as long as its main process answers; the watcher reads it. */
function heartbeatPath(directory: string): string {
  return join(directory, 'heartbeat');
}

export interface Heartbeat {
  start(): Promise<void>;
  stop(): void;
}

/**
 * Beats every `everyMs` from the event loop: one that is blocked is silent. What is written says nothing, only that it
 * changes does; so it is neither atomic nor durable, and a disk that is full ends it.
 */
export function createHeartbeat(directory: string, everyMs: number, clock: Clock, logger: Logger): Heartbeat {
  let count = 0;
  let cancel: (() => void) | undefined;
  let beating = false;

  async function beat(): Promise<void> {
    count += 1;
    try {
      await writeFile(heartbeatPath(directory), `${process.pid} ${count}`, { mode: 0o600 });
    } catch (error) {
      logger.warn(`install: the first start can not be followed: ${textOf(error)}`);
      beating = false;
    }
    if (beating) cancel = clock.after(everyMs, () => void beat());
  }

  return {
    async start() {
      if (beating) return;
      beating = true;
      await beat();
    },
    stop() {
      beating = false;
      cancel?.();
    },
  };
}
