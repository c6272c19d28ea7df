import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { manualClock } from '../../../../test/support/manual-clock.ts';
import { silentLogger } from '../../node/logger.ts';
import { createHeartbeat } from './heartbeat.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heartbeat-'));
});
afterEach(async () => rm(directory, { recursive: true, force: true }));

it('overwrites the same bytes of the same file at each beat, and ends after its time', async () => {
  const clock = manualClock(0);
  const heartbeat = createHeartbeat(directory, { everyMs: 1000, forMs: 3000 }, clock, silentLogger);
  const path = join(directory, 'heartbeat');
  const places = new Set<string>();
  const isBeat = async (count: number): Promise<void> => {
    expect(Number(await readFile(path, 'utf8'))).toBe(count);
    const { ino, size } = await stat(path);
    places.add(`${ino} ${size}`);
  };
  await heartbeat.start();
  await isBeat(1);
  for (const count of [2, 3]) {
    clock.advance(1000);
    await vi.waitFor(async () => isBeat(count));
  }
  expect({ places: places.size, timers: clock.pending() }).toEqual({ places: 1, timers: 0 });
});
