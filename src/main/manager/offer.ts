import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { HeldBack, ListedRelease, ReleaseSummary } from '../../shared/state.ts';
import type { DownloadPlan, ReleaseQuery, TrustedRelease } from '../ports.ts';
import type { Selection } from '../release/index.ts';

/** The result of a search in a channel, with or without an offer. */
export interface Search {
  readonly query: ReleaseQuery;
  readonly index: ReleaseIndex;
  readonly selection: Selection;
  /** Each release of the index, for this installation. */
  readonly listed: readonly ListedRelease[];
  readonly heldBack?: HeldBack;
  /** Why the app refuses the release that the channel offers, as text for a person. */
  readonly blocked?: string;
  readonly offer?: FoundOffer;
}

/** A release that can be downloaded. */
export interface FoundOffer {
  readonly trusted: TrustedRelease;
  readonly summary: ReleaseSummary;
  /** What a download would transfer. It is the whole file before the plan is computed. */
  readonly plan: Pick<DownloadPlan, 'downloadSize' | 'fullSize'>;
}
