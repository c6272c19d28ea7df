import { dayMs } from '../../../shared/durations.ts';

/** The result of one check. */
export interface Finding {
  /** The subject of the check, in a word or two. */
  readonly about: string;
  readonly level: Level;
  /** What the check found. */
  readonly text: string;
  /** What to do about it; absent if the level is `ok`. */
  readonly advice?: string;
}

/** `fail`: users get no updates, or soon will not. `warn`: updates work, but there is a risk. */
export type Level = 'ok' | 'warn' | 'fail';

/** Creates findings about one subject. */
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

/** Formats milliseconds for people, rounded down: `12 days`, `5 hours`, `3 minutes`. */
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

/** Formats an expiry time: `in 12 days (2026-12-07T10:00:00Z)` or `5 hours ago (…)`. */
export function formatExpiry(expires: string, now: number): string {
  const left = Date.parse(expires) - now;
  return left > 0 ? `in ${formatSpan(left)} (${expires})` : `${formatSpan(-left)} ago (${expires})`;
}
