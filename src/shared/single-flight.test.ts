import { expect, it } from 'vitest';

import { singleFlight } from './single-flight.ts';

it('shares an operation that covers a call, runs others one after another, and starts again when all are done', async () => {
  const order: string[] = [];
  let open = Promise.withResolvers<void>();
  const fly = singleFlight(
    async (manual: boolean) => {
      order.push(`start ${manual}`);
      await open.promise;
      order.push(`end ${manual}`);
      return order.length;
    },
    (one, other) => one || !other,
  );
  const calls = [fly(false), fly(false), fly(true), fly(false), fly(true)];
  expect([calls[0] === calls[1], calls[3] === calls[0], calls[2] === calls[4], calls[0] === calls[2]]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  open.resolve();
  await Promise.all(calls);
  open = Promise.withResolvers();
  open.resolve();
  await fly(false);
  expect(order).toEqual(['start false', 'end false', 'start true', 'end true', 'start false', 'end false']);
});

it('continues after a failure, which all its callers receive', async () => {
  let runs = 0;
  const fly = singleFlight(
    async () => {
      runs += 1;
      if (runs === 1) throw new Error('first');
      return Promise.resolve(runs);
    },
    () => true,
  );
  const results = await Promise.allSettled([fly(undefined), fly(undefined)]);
  expect({ results: results.map(({ status }) => status), next: await fly(undefined) }).toEqual({
    results: ['rejected', 'rejected'],
    next: 2,
  });
});
