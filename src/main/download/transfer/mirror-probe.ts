import { UpdateError } from '../../../shared/errors.ts';
import { type Probe, evaluateProbe, reprobeDelayMs } from './probe-decision.ts';
import type { Segment } from './segments.ts';
import type { DownloadContext } from '../context.ts';
import { recordSlow } from '../mirrors/mirror-health.ts';
import type { MirrorState } from './mirror-state.ts';

/** One request at work. */
export interface ActiveRequest {
  readonly mirror: MirrorState;
  readonly segment: Segment;
  /** Aborted to have the rest fetched from elsewhere. */
  readonly leave: AbortController;
}

interface OpenProbe extends Probe {
  readonly current: MirrorState;
  readonly candidate: MirrorState;
}

/** The contests of one transfer, one at a time: mirrors are compared by what they give at the same time. */
export class MirrorProbe {
  readonly #context: DownloadContext;
  readonly #connections: ReadonlySet<ActiveRequest>;
  #open: OpenProbe | undefined;

  /** `connections` are the transfer's own, as they come and go. */
  constructor(context: DownloadContext, connections: ReadonlySet<ActiveRequest>) {
    this.#context = context;
    this.#connections = connections;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The mirror that is in use. */
  current(): MirrorState | undefined {
    return [...this.#connections].find(({ leave }) => !leave.signal.aborted)?.mirror;
  }

  /** From now on the two are compared. `rate` is the transfer's, in bytes per second, before the challenger is asked. */
  open(current: MirrorState, candidate: MirrorState, rate: number): void {
    this.#open = {
      current,
      candidate,
      since: this.#context.now(),
      usual: rate / Math.max(1, this.#of(current).length),
      currentBytes: current.received,
      candidateBytes: candidate.received,
    };
  }

  /**
   * Has the slower one left once that can be told. `ended` is a mirror whose request has just ended. True when a contest
   * was decided.
   */
  decide(ended?: MirrorState): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const { current, candidate } = open;
    const connections = this.#of(current);
    const now = this.#context.now();
    const verdict = evaluateProbe(open, {
      now,
      currentBytes: current.received,
      candidateBytes: candidate.received,
      connections: connections.length,
      isOver: ended === candidate,
    });
    if (verdict === 'open') return false;
    this.#open = undefined;
    if (verdict === 'candidate') {
      const { logger } = this.#context.options;
      logger.info(`Mirror ${candidate.url} is faster than ${current.url}; it is used from now on.`);
      this.#context.updateHealth(current.url, (health) => recordSlow(health, now));
    } else candidate.nextProbeAt = now + reprobeDelayMs;
    const losing = verdict === 'candidate' ? connections : this.#of(candidate);
    for (const { leave } of losing) leave.abort(new UpdateError('CANCELLED', 'Another mirror is faster.'));
    return true;
  }

  #of(mirror: MirrorState): ActiveRequest[] {
    return [...this.#connections].filter((connection) => connection.mirror === mirror);
  }
}
