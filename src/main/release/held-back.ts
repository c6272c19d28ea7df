import semver from 'semver';

import type { HeldBack } from '../../shared/state.ts';
import type { Selection } from './select.ts';
import type { Verdict } from './rules.ts';

const reasons = new Set<string>([
  'rollout',
  'not-allowed',
  'system',
  'no-artifact',
  'quarantined',
  'skipped',
  'requires',
] satisfies HeldBack['reason'][]);

/**
 * The newest release that this installation does not get yet, for a user who heard of a newer version and asks why.
 * Pure.
 */
export function heldBackOf({ type, others }: Selection, installed: string): HeldBack | undefined {
  return type === 'offer' ? undefined : others.find(isHeldBack(installed));
}

function isHeldBack(installed: string): (verdict: Verdict) => verdict is HeldBack & Verdict {
  return (verdict): verdict is HeldBack & Verdict =>
    reasons.has(verdict.reason) && semver.gt(verdict.version, installed);
}
