import type { UpdateErrorData } from '../../src/shared/errors.ts';
import { explain, type Explanation, inEnglish } from '../../src/shared/explanation.ts';
import type { DisabledReason, DisabledState, NeedsAttentionState } from '../../src/shared/state.ts';
import { release } from './scripted-updater.ts';

/** States with an explanation as the manager shows them: their English sentences follow from it. */
export function disabledState(reason: DisabledReason, explanation?: Explanation): DisabledState {
  const why: Explanation = explanation ?? { reason: 'policy-off', params: {} };
  return { type: 'disabled', reason, explanation: why, message: inEnglish(why) };
}

export function attentionState(explanation: Explanation, error: UpdateErrorData): NeedsAttentionState {
  return { type: 'needs-attention', release, explanation, ...explain(explanation), error };
}
