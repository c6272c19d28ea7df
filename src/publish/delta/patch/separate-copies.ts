import type { PatchStep } from '../../../shared/patch/patch-step.ts';
import type { MatchStep } from './match.ts';

/**
 * The shortest run of equal bytes that becomes a copy of its own. Shorter runs stay in the difference as zeros, which
 * compress better than an additional step.
 */
const leastCopy = 4096;

/** Turns long runs of zeros in the difference into copies, so that a client need not add zeros. */
export function separateCopies(
  base: Uint8Array,
  result: Uint8Array,
  steps: readonly MatchStep[],
): readonly PatchStep[] {
  const separated: PatchStep[] = [];
  let at = 0;
  for (const step of steps) {
    /** Within the step: where the open part begins, and how many bytes of it are copied. */
    let from = 0;
    let copied = 0;
    let equal = 0;
    for (let index = 0; index <= step.differing; index += 1) {
      if (index < step.differing && base[step.base + index] === result[at + index]) {
        equal += 1;
        continue;
      }
      if (equal >= leastCopy) {
        const begin = index - equal;
        const differing = begin - from - copied;
        if (begin > from) separated.push({ base: step.base + from, copied, differing, extra: 0 });
        from = begin;
        copied = equal;
      }
      equal = 0;
    }
    const differing = step.differing - from - copied;
    separated.push({ base: step.base + from, copied, differing, extra: step.extra });
    at += step.differing + step.extra;
  }
  return separated;
}
