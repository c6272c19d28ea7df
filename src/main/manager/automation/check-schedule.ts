/** What decides when to look next. Times in milliseconds; `now` and `lastTry` since the epoch. */
export interface ScheduleFacts {
  readonly now: number;
  readonly everyMs: number;
  /** The last check that ended, well or not; `undefined` when there was none that is remembered. */
  readonly lastTry: number | undefined;
  /** Checks in a row that failed. */
  readonly failures: number;
  /** 0 ≤ random < 1. */
  readonly random: number;
}

const minuteMs = 60_000;

/** Milliseconds over which the first check after a start is spread: a fleet that boots at nine does not come at nine. */
export const startSplayMs: number = 2 * minuteMs;
/** Milliseconds over which checks after sleep or after the network's return are spread. */
export const wakeSplayMs: number = minuteMs;
/** An interval is stretched or shrunk by at most this share, so that installations drift apart. */
const jitterShare = 0.1;
/** Timers do not count sleep, and the clock may be set: nothing waits longer than this without looking again. */
export const longestWaitMs: number = 24 * 60 * minuteMs;

/**
 * Milliseconds until the next scheduled check. Pure.
 *
 * After a success: the interval, give or take a tenth. After failures: one minute, then two, four …, anywhere in the
 * upper half of that, at most the interval. What is due already comes within the splay, never at once. A last check in
 * the future (the clock was set back) does not count.
 */
export function nextCheckIn(facts: ScheduleFacts): number {
  const { now, everyMs, failures, random } = facts;
  const lastTry = facts.lastTry !== undefined && facts.lastTry <= now ? facts.lastTry : undefined;
  const splay = Math.round(startSplayMs * random);
  if (lastTry === undefined) return splay;
  const due = lastTry + (failures > 0 ? retryIn(facts) : Math.round(everyMs * (1 + jitterShare * (2 * random - 1))));
  return due <= now ? splay : Math.min(due - now, longestWaitMs);
}

function retryIn({ everyMs, failures, random }: ScheduleFacts): number {
  const ceiling = Math.min(everyMs, minuteMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(ceiling * (0.5 + random / 2));
}

/**
 * After sleep, or when the network came back: milliseconds until a check, or `undefined` when the running timer is soon
 * enough. A check follows when one is due, or when the last one failed; it is spread, and never moves an earlier one.
 */
export function afterWake(facts: ScheduleFacts, pendingMs: number | undefined): number | undefined {
  const { now, everyMs, lastTry, failures, random } = facts;
  const isDue = lastTry === undefined || lastTry > now || now - lastTry >= everyMs;
  if (!isDue && failures === 0) return undefined;
  const wait = Math.round(wakeSplayMs * random);
  return pendingMs !== undefined && pendingMs <= wait ? undefined : wait;
}
