import { writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf } from '../../../shared/errors.ts';
import type { Clock, Logger } from '../../ports.ts';

/** The file that a new version changes while its main process responds. The watchdog reads it. */
function heartbeatPath(directory: string): string {
  return join(directory, 'heartbeat');
}

/** Writes a first beat synchronously: the app's main file may keep the event loop busy for a while. */
export function beatOnce(directory: string): void {
  writeFileSync(heartbeatPath(directory), `${'0'.repeat(width)}\n`, { mode: 0o600 });
}

export interface Heartbeat {
  start(): Promise<void>;
  stop(): void;
}

/** Digits of a beat. Each beat overwrites the one before, so that it needs no space on a full disk. */
const width = 16;

export interface Rhythm {
  /** Milliseconds between two beats. */
  readonly everyMs: number;
  /** Milliseconds after which the heartbeat ends, because the watchdog has ended before. */
  readonly forMs: number;
}

/**
 * Writes beats from the event loop, so that a blocked event loop stops them. Only the fact that the file changes
 * matters, so the writes are neither atomic nor durable.
 */
export function createHeartbeat(directory: string, rhythm: Rhythm, clock: Clock, logger: Logger): Heartbeat {
  const { everyMs, forMs } = rhythm;
  const last = Math.ceil(forMs / everyMs);
  let count = 0;
  let cancel: (() => void) | undefined;
  let isBeating = false;
  let file: FileHandle | undefined;
  let beating: Promise<void> = Promise.resolve();

  async function beat(): Promise<void> {
    count += 1;
    try {
      file ??= await open(heartbeatPath(directory), 'w', 0o600);
      await file.write(`${String(count).padStart(width, '0')}\n`, 0);
    } catch (error) {
      logger.warn(`install: the heartbeat cannot be written: ${textOf(error)}`);
    }
    if (isBeating && count < last) cancel = clock.after(everyMs, () => void (beating = beat()));
    else if (isBeating) stop();
  }

  function stop(): void {
    isBeating = false;
    cancel?.();
    // An error while closing this file has no consequence.
    void beating.then(async () => file?.close().catch(() => undefined)).then(() => (file = undefined));
  }

  return {
    async start() {
      if (isBeating) return;
      isBeating = true;
      await (beating = beat());
    },
    stop,
  };
}
