/** The facts that set the time of the next check. All times in milliseconds; `now` and `lastTry` since the epoch. */
export interface ScheduleFacts {
  readonly now: number;
  readonly everyMs: number;
  /** End of the last check, successful or not; `undefined` if none is known. */
  readonly lastTry: number | undefined;
  /** Number of consecutive failed checks. */
  readonly failures: number;
  /** 0 ≤ random < 1. */
  readonly random: number;
}

const minuteMs = 60_000;

/**
 * Milliseconds over which first checks after a start are spread, so that many computers that boot together do not check
 * together.
 */
export const startSplayMs: number = 2 * minuteMs;
/** Milliseconds over which checks after sleep or after the network's return are spread. */
export const wakeSplayMs: number = minuteMs;
/** Random share by which an interval becomes longer or shorter, so that installations spread out over time. */
const jitterShare = 0.1;
/**
 * Maximum wait in milliseconds before the clock is read again, because timers do not count sleep and the clock may
 * change.
 */
export const longestWaitMs: number = 24 * 60 * minuteMs;

/**
 * Milliseconds until the next scheduled check. Pure.
 *
 * After a success: the interval, plus or minus 10 %. After failures: a random time in the upper half of 1, 2, 4 …
 * minutes, at most the interval. A check that is already due starts at a random time within the splay. A last check in
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
 * Milliseconds until a check after sleep or after the network's return. `undefined` if no check is due and the last one
 * succeeded, or if the running timer fires earlier. Pure.
 */
export function afterWake(facts: ScheduleFacts, pendingMs: number | undefined): number | undefined {
  const { now, everyMs, lastTry, failures, random } = facts;
  const isDue = lastTry === undefined || lastTry > now || now - lastTry >= everyMs;
  if (!isDue && failures === 0) return undefined;
  const wait = Math.round(wakeSplayMs * random);
  return pendingMs !== undefined && pendingMs <= wait ? undefined : wait;
}
