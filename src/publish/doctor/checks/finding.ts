import { dayMs } from '../../../shared/durations.ts';

/** One thing that was looked at. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly about: string;
  readonly level: Level;
  /** What is the case. */
  readonly text: string;
  /** What to do, unless all is well. */
  readonly advice?: string;
}

/** `fail`: users get no updates, or will not soon. `warn`: it works, and could bite. */
export type Level = 'ok' | 'warn' | 'fail';

/** Makes the findings about one thing. */
export interface Findings {
  ok(text: string): Finding;
  warn(text: string, advice: string): Finding;
  fail(text: string, advice: string): Finding;
}

export function findingsAbout(about: string): Findings {
  return {
    ok: (text) => ({ about, level: 'ok', text }),
    warn: (text, advice) => ({ about, level: 'warn', text, advice }),
    fail: (text, advice) => ({ about, level: 'fail', text, advice }),
  };
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Milliseconds. */

/** `12 days`, `5 hours`, `3 minutes`: a length of time for people, rounded down. */
export function formatSpan(ms: number): string {
  const [count, unit] =
    ms >= 2 * dayMs
      ? [ms / dayMs, 'day']
      : ms >= 2 * hourMs
        ? [ms / hourMs, 'hour']
        : [Math.max(0, ms) / minuteMs, 'minute'];
  const whole = Math.floor(count);
  return `${whole} ${unit}${whole === 1 ? '' : 's'}`;
}

/** `in 12 days (2026-12-07T10:00:00Z)` or `5 hours ago (…)`. */
export function formatExpiry(expires: string, now: number): string {
  const left = Date.parse(expires) - now;
  return left > 0 ? `in ${formatSpan(left)} (${expires})` : `${formatSpan(-left)} ago (${expires})`;
}
