import type { PatchStep } from '../../../shared/patch/patch-step.ts';
import type { MatchStep } from './match.ts';

/**
 * Equal bytes in a row that are worth a step of their own. Shorter rows stay in the difference, where they compress to
 * next to nothing: the compressor knows more about them than about numbers.
 */
const leastCopy = 4096;

/** Takes long rows of zeros out of the difference, so that a client copies them instead of adding nothing to them. */
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
