import type { ProcessEnd } from '../node/start-process.ts';

/** What a new version is given time for, and how often it may fail. */
export interface FirstStartLimits {
  /** Abnormal ends before it is given up. @defaultValue 2 */
  readonly failures: number;
  /** Milliseconds from its start until its updater must be there. @defaultValue 60000 */
  readonly loadMs: number;
  /** Milliseconds for which its main process may not answer. @defaultValue 30000 */
  readonly hangMs: number;
  /** Milliseconds for which the old version stays to watch. @defaultValue 120000 */
  readonly watchMs: number;
}

export const defaultLimits: FirstStartLimits = { failures: 2, loadMs: 60_000, hangMs: 30_000, watchMs: 120_000 };

/** What the watching process sees, at one moment. */
export interface Sight {
  /** The journal says that the new version confirmed. */
  readonly confirmed: boolean;
  /** How its process ended, if it did. */
  readonly ended: ProcessEnd | undefined;
  /** Its updater was there. */
  readonly loaded: boolean;
  /** Milliseconds since it was started, and since its last sign of life. The machine's sleep does not count. */
  readonly sinceStartMs: number;
  readonly sinceBeatMs: number;
}

export type Finding =
  | { readonly type: 'wait' }
  | { readonly type: 'healthy' }
  /** It was quit, or nothing was wrong in all the time that was given. */
  | { readonly type: 'unconfirmed' }
  /** `why` continues a sentence that begins with the version. */
  | { readonly type: 'failed'; readonly why: string };

/** Signals by which people and sessions end a program. A shell gives them as 128 + number. */
const askedToEnd = new Set<ProcessEnd['signal']>(['SIGTERM', 'SIGINT', 'SIGHUP']);
const askedToEndCodes = new Set([128 + 15, 128 + 2, 128 + 1]);

/** Judges the first start of a new version. Pure. */
export function judge(sight: Sight, limits: FirstStartLimits): Finding {
  if (sight.confirmed) return { type: 'healthy' };
  if (sight.ended !== undefined) return judgeEnd(sight.ended);
  if (!sight.loaded && sight.sinceStartMs >= limits.loadMs) return { type: 'failed', why: 'did not get ready' };
  if (sight.loaded && sight.sinceBeatMs >= limits.hangMs) return { type: 'failed', why: 'stopped responding' };
  if (sight.loaded && sight.sinceStartMs >= limits.watchMs) return { type: 'unconfirmed' };
  return { type: 'wait' };
}

/** A quick quit, a log-out and a second instance end without an error, or because somebody asked for it. */
function judgeEnd({ code, signal }: ProcessEnd): Finding {
  if (code === 0 || askedToEnd.has(signal) || askedToEndCodes.has(code ?? 0)) return { type: 'unconfirmed' };
  return { type: 'failed', why: signal === null ? `ended with code ${code ?? '?'}` : `was ended by ${signal}` };
}
