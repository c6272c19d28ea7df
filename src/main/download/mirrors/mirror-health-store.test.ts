import { describe, expect, it } from 'vitest';

import { parseJson } from '../../../shared/parse-json.ts';
import { healthy, recordFailure, recordCorruption, recordSlow } from './mirror-health.ts';
import { type ClockReading, fromStoredHealth, storedHealthSchema, toStoredHealth } from './mirror-health-store.ts';

const day = 24 * 60 * 60_000;
const minute = 60_000;
/** A process whose monotonic clock started a minute ago. */
const then: ClockReading = { wall: 1_700_000_000_000, monotonic: minute };
/** A process that reads the file `ms` later. */
const later = (ms: number): ClockReading => ({ wall: then.wall + ms, monotonic: 5 });

const stored = toStoredHealth(
  new Map([
    ['https://failing.test/', recordFailure(healthy, 50_000, 0, 4 * minute)],
    ['https://slow.test/', recordSlow(healthy, 30_000)],
    ['https://corrupt.test/', recordCorruption(healthy, 0)],
  ]),
  then,
);

describe('the health of mirrors in a file', () => {
  it('is the same in a later process, by its own clock', () => {
    expect([...fromStoredHealth(stored, later(minute))]).toEqual([
      ['https://failing.test/', { ...healthy, failures: 1, failedAt: 5 - 70_000, retryAt: 5 + 170_000 }],
      ['https://slow.test/', { ...healthy, slowAt: 5 - 90_000 }],
      ['https://corrupt.test/', { ...healthy, liedAt: 5 - 2 * minute }],
    ]);
  });

  it.each([
    ['ten minutes later, but for the lie', later(10 * minute), 5 - 11 * minute],
    ['a day later', later(day), undefined],
    ['when the clock was put back', later(-2 * minute), undefined],
  ])('is forgotten %s', (_when, moment, liedAt) => {
    expect([...fromStoredHealth(stored, moment).values()]).toEqual([healthy, healthy, { ...healthy, liedAt }]);
  });

  it('never makes a client wait longer than a server may', () => {
    const patient = {
      schema: 1 as const,
      mirrors: [{ url: 'https://a.test/', failures: 1, failedAt: then.wall, retryAt: Number.MAX_SAFE_INTEGER }],
    };
    expect(fromStoredHealth(patient, then).get('https://a.test/')?.retryAt).toBe(then.monotonic + 5 * minute);
  });

  it.each([
    '',
    'nonsense',
    '[]',
    '{"schema":2,"mirrors":[]}',
    '{"schema":1,"mirrors":[{"url":1}]}',
    '{"schema":1,"mirrors":[{"url":"https://a.test/","failures":-1}]}',
    '{"schema":1,"mirrors":[{"url":"https://a.test/","failures":1e9}]}',
    '{"schema":1,"mirrors":[{"url":"https://a.test/","failures":0,"liedAt":"now"}]}',
    JSON.stringify({ schema: 1, mirrors: Array.from({ length: 65 }, () => ({ url: 'https://a.test/', failures: 0 })) }),
  ])('is not read when the file says %s', (content) => {
    expect(parseJson(content, storedHealthSchema)).toBeUndefined();
  });

  it('keeps the most recently updated mirrors', () => {
    const many = new Map(
      Array.from({ length: 70 }, (_, index) => [`https://${index}.test/`, recordCorruption(healthy, 0)]),
    );
    const kept = [...fromStoredHealth(toStoredHealth(many, then), then).keys()];
    expect([kept.length, kept[0]]).toEqual([64, 'https://6.test/']);
  });
});
