import type { Release } from '../../shared/release-index.ts';

/** All installations, in basis points. */
const allInstallations = 10_000;

/**
 * The share of installations that a release is offered to at `now` (ms), in basis points. 0 before `startsAt` (default:
 * `releasedAt`), and `basisPoints` from then on. If `completeAt` is set, the share grows linearly to all installations
 * at that time. Computes with integers in whole seconds, so that every device gets the same result.
 */
export function rolloutShare({ rollout, releasedAt }: Pick<Release, 'rollout' | 'releasedAt'>, now: number): number {
  if (rollout === undefined) return allInstallations;
  const start = rollout.startsAt === undefined ? seconds(releasedAt) : seconds(rollout.startsAt);
  const at = Math.floor(now / 1000);
  if (!(at >= start)) return 0;
  if (rollout.completeAt === undefined) return rollout.basisPoints;
  const complete = seconds(rollout.completeAt);
  if (at >= complete) return allInstallations;
  return (
    rollout.basisPoints + Math.floor(((allInstallations - rollout.basisPoints) * (at - start)) / (complete - start))
  );
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
