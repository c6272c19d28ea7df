import { beforeEach, describe, expect, it } from 'vitest';

import type { Progress } from '../../../shared/state.ts';
import { ProgressReporter } from './progress-reporter.ts';

describe('ProgressReporter', () => {
  let now: number;
  let timers: { at: number; run: () => void }[];
  let reports: (readonly [number, string, number, number])[];
  let reporter: ProgressReporter;
  beforeEach(() => {
    now = 0;
    timers = [];
    reports = [];
    const report = ({ phase, received, bytesPerSecond }: Progress): void =>
      void reports.push([now, phase, received, bytesPerSecond]);
    const after = (ms: number, run: () => void): (() => void) => {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return () => void (timers = timers.filter((other) => other !== timer));
    };
    reporter = new ProgressReporter(1000, report, { now: () => now, after });
  });
  const passTo = (time: number): void => {
    for (;;) {
      const next = timers.filter(({ at }) => at <= time).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      timers = timers.filter((timer) => timer !== next);
      now = next.at;
      next.run();
    }
    now = time;
  };

  it('reports at once, then at most every 100 ms, and withholds no report for longer', () => {
    for (const time of [10, 20, 60, 109, 115, 130]) {
      passTo(time);
      reporter.update('download', time, 0, time);
    }
    passTo(10_000);
    expect(reports).toEqual([
      [10, 'download', 10, 0],
      [110, 'download', 109, 0],
      [210, 'download', 130, 0],
    ]);
  });

  it('shows a falling rate while nothing arrives, and stops at zero', () => {
    reporter.update('download', 0, 0, 0);
    passTo(500);
    reporter.update('download', 100, 0, 100);
    passTo(1000);
    reporter.update('download', 600, 0, 600);
    passTo(60_000);
    const rates = reports.map(([, , , rate]) => rate);
    expect({
      first: reports.slice(0, 4),
      lastRate: rates.at(-1),
      timers,
    }).toEqual({
      first: [
        [0, 'download', 0, 0],
        [500, 'download', 100, 0],
        [1000, 'download', 600, 1000],
        [2000, 'download', 600, 261],
      ],
      lastRate: 0,
      timers: [],
    });
  });

  it('reports the end whenever it comes, and nothing afterwards', () => {
    reporter.update('download', 900, 0, 900);
    passTo(50);
    reporter.update('verify', 1000, 0, 1000);
    reporter.finish();
    passTo(5000);
    expect(reports).toEqual([
      [0, 'download', 900, 0],
      [50, 'verify', 1000, 0],
    ]);
  });
});
