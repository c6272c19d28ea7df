import { expect, it } from 'vitest';

import { manualClock } from '../../../test/support/manual-clock.ts';
import { watchWake } from './wake.ts';

it('reports sleep and the return of the network once each, until it is stopped', () => {
  const clock = manualClock(0);
  let online = true;
  const woken: number[] = [];
  const stop = watchWake({ clock, isOnline: () => online }, () => woken.push(clock.now()));
  clock.advance(300_000);
  clock.sleep(3_600_000);
  clock.advance(60_000);
  online = false;
  clock.advance(60_000);
  clock.sleep(3_600_000);
  clock.advance(60_000);
  online = true;
  clock.advance(90_000);
  stop();
  clock.sleep(3_600_000);
  clock.advance(300_000);
  expect([woken, clock.pending()]).toEqual([[3_930_000, 7_710_000], 0]);
});
