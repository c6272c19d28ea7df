import { UpdateError } from '../../../shared/errors.ts';
import { type Probe, evaluateProbe, reprobeDelayMs } from './probe-decision.ts';
import type { Segment } from './segments.ts';
import type { DownloadContext } from '../context.ts';
import { recordSlow } from '../mirrors/mirror-health.ts';
import type { MirrorState } from './mirror-state.ts';

/** One active request. */
export interface ActiveRequest {
  readonly mirror: MirrorState;
  readonly segment: Segment;
  /** Aborted to have the remaining bytes fetched from another mirror. */
  readonly leave: AbortController;
}

interface OpenProbe extends Probe {
  readonly current: MirrorState;
  readonly candidate: MirrorState;
}

/**
 * The probes of one transfer, at most one at a time. Mirrors are compared by what they serve during the same period.
 */
export class MirrorProbe {
  readonly #context: DownloadContext;
  readonly #connections: ReadonlySet<ActiveRequest>;
  #open: OpenProbe | undefined;

  /** `connections` is the transfer's own live set. */
  constructor(context: DownloadContext, connections: ReadonlySet<ActiveRequest>) {
    this.#context = context;
    this.#connections = connections;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The mirror in use. */
  current(): MirrorState | undefined {
    return [...this.#connections].find(({ leave }) => !leave.signal.aborted)?.mirror;
  }

  /** Starts a comparison. `rate` is the transfer's rate before the candidate is asked, in bytes per second. */
  open(current: MirrorState, candidate: MirrorState, rate: number): void {
    this.#open = {
      current,
      candidate,
      since: this.#context.now(),
      currentRate: rate / Math.max(1, this.#of(current).length),
      currentBytes: current.received,
      candidateBytes: candidate.received,
    };
  }

  /**
   * Aborts the slower mirror's requests once the result is clear. `ended` is a mirror whose request has just ended.
   * Returns true if the probe ended.
   */
  decide(ended?: MirrorState): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const { current, candidate } = open;
    const connections = this.#of(current);
    const now = this.#context.now();
    const result = evaluateProbe(open, {
      now,
      currentBytes: current.received,
      candidateBytes: candidate.received,
      connections: connections.length,
      isOver: ended === candidate,
    });
    if (result === 'open') return false;
    this.#open = undefined;
    if (result === 'candidate') {
      const { logger } = this.#context.options;
      logger.info(`Mirror ${candidate.url} is faster than ${current.url}; it is used from now on.`);
      this.#context.updateHealth(current.url, (health) => recordSlow(health, now));
    } else candidate.nextProbeAt = now + reprobeDelayMs;
    const slower = result === 'candidate' ? connections : this.#of(candidate);
    for (const { leave } of slower) leave.abort(new UpdateError('CANCELLED', 'Another mirror is faster.'));
    return true;
  }

  #of(mirror: MirrorState): ActiveRequest[] {
    return [...this.#connections].filter((connection) => connection.mirror === mirror);
  }
}
