import { createHmac } from 'node:crypto';

/**
 * The rollout bucket of this installation for one version, 0 to 9,999: HMAC-SHA256(install id, `app|version`) mod
 * 10,000. Each version gives another bucket, so that no installation is always first. The client never sends it.
 */
export function rolloutBucket(installId: string, app: string, version: string): number {
  const digest = createHmac('sha256', installId).update(`${app}|${version}`).digest('hex');
  return Number(BigInt(`0x${digest}`) % 10_000n);
}
