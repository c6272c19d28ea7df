import { advices, errorCodes } from './error-table.ts';
import type { UpdateErrorData } from './errors.ts';
import type { UpdateState } from './state.ts';

/**
 * An error as pages and support reports may have it: with the same code, in a sentence of its own, without addresses,
 * paths and details. The log of the main process has those. Pure.
 */
export function publicError({ code, phase, message, retriable, reason }: UpdateErrorData): UpdateErrorData {
  const { advice, summary } = errorCodes[code];
  return {
    code,
    phase,
    retriable,
    reason,
    message: advice === 'own-words' ? message : `${summary} ${advices[advice]}`,
  };
}

/** A state whose errors are {@link publicError}s. What a person has to do, and where, stays in it. Pure. */
export function publicState(state: UpdateState): UpdateState {
  if (state.type === 'needs-attention') return { ...state, error: publicError(state.error) };
  if (!('lastError' in state) || state.lastError === undefined) return state;
  return { ...state, lastError: publicError(state.lastError) };
}
