import type { UpdateError } from '../../../shared/errors.ts';
import type { MirrorUrl } from '../context.ts';

/** The state of one mirror within a transfer. */
export interface MirrorState {
  readonly url: string;
  /** The same URL, with credentials if it has any. */
  readonly base: string;
  /** Index of the target's location to request. Advances after each "not found". */
  location: number;
  /** The strong validator of its copy, once known. */
  validator: string | undefined;
  /** How often the validator changed. A validator that keeps changing is ignored. */
  changes: number;
  /** Whether it supports ranges, once known. */
  acceptsRanges: boolean | undefined;
  /** Body bytes received from it. */
  received: number;
  /** Failures since it last served enough bytes to justify a request. */
  failures: number;
  /** The earliest time to probe its speed again, in milliseconds on a monotonic clock. */
  nextProbeAt: number;
  /** The error that disabled it for this transfer. */
  disabledBy: UpdateError | undefined;
}

/** A mirror of which only the validator from an earlier run may be known. */
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
