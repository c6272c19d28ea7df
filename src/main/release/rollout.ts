import { createHmac } from 'node:crypto';

import type { Release } from '../../shared/release-index.ts';

/** What places an installation in a rollout. */
interface Installation {
  readonly installId: string;
  readonly app: string;
}

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

/** Is this installation in the share of those that a release is offered to at `now` (ms)? */
export function isInRollout(release: Release, installation: Installation, now: number): boolean {
  return rolloutBucket(installation.installId, installation.app, release.version) < rolloutShare(release, now);
}

/**
 * The rollout bucket of this installation for one version, 0 to 9,999: HMAC-SHA256(install id, `app|version`) mod
 * 10,000. Each version gives another bucket, so that no installation is always first. The client never sends it.
 */
export function rolloutBucket(installId: string, app: string, version: string): number {
  const digest = createHmac('sha256', installId).update(`${app}|${version}`).digest('hex');
  return Number(BigInt(`0x${digest}`) % 10_000n);
}

function seconds(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000);
}
