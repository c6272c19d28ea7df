import { advices, errorCodes } from './error-table.ts';
import type { UpdateErrorData } from './errors.ts';
import type { UpdateState } from './state.ts';

/**
 * The form of an error for pages and support reports: the same code and a generic sentence, without addresses, paths and
 * details, which are in the log of the main process. Pure.
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

/** A state with {@link publicError}s. What a person must do, and where, stays in it. Pure. */
export function publicState(state: UpdateState): UpdateState {
  if (state.type === 'needs-attention') return { ...state, error: publicError(state.error) };
  if (!('lastError' in state) || state.lastError === undefined) return state;
  return { ...state, lastError: publicError(state.lastError) };
}
