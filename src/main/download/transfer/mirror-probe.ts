import { UpdateError } from '../../../shared/errors.ts';
import { type Contest, judge, rematchMs } from './probe-decision.ts';
import type { Lease } from './segments.ts';
import type { Means } from '../context.ts';
import { noteSlow } from '../mirrors/mirror-health.ts';
import type { Mirror } from './mirror-state.ts';

/** One request at work. */
export interface Connection {
  readonly mirror: Mirror;
  readonly lease: Lease;
  /** Aborted to have the rest fetched from elsewhere. */
  readonly leave: AbortController;
}

interface OpenContest extends Contest {
  readonly incumbent: Mirror;
  readonly challenger: Mirror;
}

/** The contests of one transfer, one at a time: mirrors are compared by what they give at the same time. */
export class Rivalry {
  readonly #means: Means;
  readonly #connections: ReadonlySet<Connection>;
  #contest: OpenContest | undefined;

  /** `connections` are the transfer's own, as they come and go. */
  constructor(means: Means, connections: ReadonlySet<Connection>) {
    this.#means = means;
    this.#connections = connections;
  }

  get isOpen(): boolean {
    return this.#contest !== undefined;
  }

  /** The mirror that is in use. */
  incumbent(): Mirror | undefined {
    return [...this.#connections].find(({ leave }) => !leave.signal.aborted)?.mirror;
  }

  /** From now on the two are compared. `rate` is the transfer's, in bytes per second, before the challenger is asked. */
  open(incumbent: Mirror, challenger: Mirror, rate: number): void {
    this.#contest = {
      incumbent,
      challenger,
      since: this.#means.now(),
      usual: rate / Math.max(1, this.#of(incumbent).length),
      incumbentBytes: incumbent.received,
      challengerBytes: challenger.received,
    };
  }

  /**
   * Has the slower one left once that can be told. `ended` is a mirror whose request has just ended. True when a contest
   * was decided.
   */
  decide(ended?: Mirror): boolean {
    const contest = this.#contest;
    if (contest === undefined) return false;
    const { incumbent, challenger } = contest;
    const connections = this.#of(incumbent);
    const now = this.#means.now();
    const verdict = judge(contest, {
      now,
      incumbentBytes: incumbent.received,
      challengerBytes: challenger.received,
      connections: connections.length,
      isOver: ended === challenger,
    });
    if (verdict === 'open') return false;
    this.#contest = undefined;
    if (verdict === 'challenger') {
      const { logger } = this.#means.options;
      logger.info(`Mirror ${challenger.url} is faster than ${incumbent.url}; it is used from now on.`);
      this.#means.note(incumbent.url, (health) => noteSlow(health, now));
    } else challenger.rematchAt = now + rematchMs;
    const losing = verdict === 'challenger' ? connections : this.#of(challenger);
    for (const { leave } of losing) leave.abort(new UpdateError('DOWNLOAD_CANCELLED', 'Another mirror is faster.'));
    return true;
  }

  #of(mirror: Mirror): Connection[] {
    return [...this.#connections].filter((connection) => connection.mirror === mirror);
  }
}
