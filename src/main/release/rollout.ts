import type { Release } from '../../shared/release-index.ts';

/** All installations, in basis points. */
const everybody = 10_000;

/**
 * The share of installations that a release is meant for at `now` (ms), in basis points. Nobody before `startsAt`
 * (default: `releasedAt`), `basisPoints` from then on, growing linearly to everybody at `completeAt` where that is given.
 * Integers only, in whole seconds, so that every device computes the same.
 */
export function rolloutShare({ rollout, releasedAt }: Pick<Release, 'rollout' | 'releasedAt'>, now: number): number {
  if (rollout === undefined) return everybody;
  const start = rollout.startsAt === undefined ? seconds(releasedAt) : seconds(rollout.startsAt);
  const at = Math.floor(now / 1000);
  if (!(at >= start)) return 0;
  if (rollout.completeAt === undefined) return rollout.basisPoints;
  const complete = seconds(rollout.completeAt);
  if (at >= complete) return everybody;
  return rollout.basisPoints + Math.floor(((everybody - rollout.basisPoints) * (at - start)) / (complete - start));
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
