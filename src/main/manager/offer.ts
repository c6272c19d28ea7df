import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { HeldBack, ListedRelease, ReleaseSummary } from '../../shared/state.ts';
import type { DownloadPlan, ReleaseQuery, TrustedRelease } from '../ports.ts';
import type { Selection } from '../release/index.ts';

/** What a look at a channel found, offered or not. */
export interface Search {
  readonly query: ReleaseQuery;
  readonly index: ReleaseIndex;
  readonly selection: Selection;
  /** Each release of the index, for this installation. */
  readonly listed: readonly ListedRelease[];
  readonly heldBack?: HeldBack;
  /** Why the app does not want the release that the channel offers, for a person. */
  readonly blocked?: string;
  readonly offer?: FoundOffer;
}

/** A release that may be downloaded now. */
export interface FoundOffer {
  readonly trusted: TrustedRelease;
  readonly summary: ReleaseSummary;
  /** What a download would transfer; the whole file until that has been looked at. */
  readonly plan: Pick<DownloadPlan, 'downloadSize' | 'fullSize'>;
}
