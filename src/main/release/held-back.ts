import semver from 'semver';

import type { HeldBack } from '../../shared/state.ts';
import type { Selection } from './select.ts';
import type { Verdict } from './verdict.ts';

const reasons = new Set<string>([
  'rollout',
  'not-allowed',
  'system',
  'no-artifact',
  'quarantined',
  'skipped',
  'requires',
] satisfies HeldBack['reason'][]);

/** What a person would ask about who heard of a newer version: the newest one that is kept from this installation. Pure. */
export function heldBackOf({ type, others }: Selection, installed: string): HeldBack | undefined {
  return type === 'offer' ? undefined : others.find(isHeldBack(installed));
}

function isHeldBack(installed: string): (verdict: Verdict) => verdict is HeldBack & Verdict {
  return (verdict): verdict is HeldBack & Verdict =>
    reasons.has(verdict.reason) && semver.gt(verdict.version, installed);
}
