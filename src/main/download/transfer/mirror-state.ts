import type { UpdateError } from '../../../shared/errors.ts';
import type { MirrorUrl } from '../context.ts';

/** A mirror within one transfer. */
export interface MirrorState {
  readonly url: string;
  /** The same, with credentials if there are any. */
  readonly base: string;
  /** Which of the target's locations it has; moves on after each "not found". */
  location: number;
  /** The strong validator of what it serves, once known. */
  validator: string | undefined;
  /** How often the validator changed; one that keeps changing says nothing. */
  changes: number;
  /** Whether it serves ranges, once known. */
  acceptsRanges: boolean | undefined;
  /** Body bytes that it gave. */
  received: number;
  /** Failures since it last gave bytes worth the request. */
  failures: number;
  /** Not to be tried for its speed before this moment (milliseconds on a monotonic clock). */
  nextProbeAt: number;
  /** Why it is of no more use to this transfer. */
  disabledBy: UpdateError | undefined;
}

/** Nothing is known yet but, perhaps, the validator of an earlier run. */
export function newMirrorState({ url, base }: MirrorUrl, validator?: string): MirrorState {
  return {
    url,
    base,
    location: 0,
    validator,
    changes: 0,
    acceptsRanges: undefined,
    received: 0,
    failures: 0,
    nextProbeAt: 0,
    disabledBy: undefined,
  };
}
