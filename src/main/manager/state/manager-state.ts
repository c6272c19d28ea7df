import { explain, inEnglish } from '../../../shared/explanation.ts';
import type {
  AvailableState,
  CheckingState,
  DisabledState,
  DownloadingState,
  NeedsAttentionState,
  PausedState,
  UpdateState,
  VerifyingState,
} from '../../../shared/state.ts';
import type { TrustSummary } from '../../ports.ts';
import type { FoundOffer, Search } from '../offer.ts';
import type { AdminPolicy } from '../policy/admin-policy.ts';
import type { PolicyFile } from '../policy/admin-policy-file.ts';

/** All that the manager knows in this process. Only the reducer makes a new one. */
export interface ManagerState extends ManagerFacts {
  readonly phase: Phase;
}

/** What is true whatever the manager is doing. */
export interface ManagerFacts {
  readonly policyFile: PolicyFile;
  readonly policy: AdminPolicy;
  /** In use: the administrator's, else the user's, else the app's, else the build's. */
  readonly channel: string;
  /** What the last check saw of the repository. */
  readonly trust?: TrustSummary;
  /** What the last look at a channel found. */
  readonly search?: Search;
  /** The version whose download was cancelled since the last check. */
  readonly cancelled?: string;
}

/**
 * What the manager is doing. As {@link UpdateState}, but with the whole offer instead of what a page may know of it, and
 * with explanations instead of sentences.
 * The diagram stands above {@link UpdateState}.
 */
export type Phase =
  | Exclude<UpdateState, HidingState>
  | Hiding<DisabledState, 'message'>
  | Hiding<NeedsAttentionState, 'what' | 'how'>
  /** `offer`: what a check that fails leaves available. */
  | (CheckingState & { readonly offer?: FoundOffer })
  | (Hiding<AvailableState, 'release' | 'downloadSize' | 'fullSize'> & { readonly offer: FoundOffer })
  | (Hiding<DownloadingState, 'release'> & { readonly offer: FoundOffer })
  | (Hiding<PausedState, 'release'> & { readonly offer: FoundOffer })
  | (Hiding<VerifyingState, 'release'> & { readonly offer: FoundOffer });

type HidingState =
  | DisabledState
  | NeedsAttentionState
  | CheckingState
  | AvailableState
  | DownloadingState
  | PausedState
  | VerifyingState;
type Hiding<S, K extends keyof S> = Omit<S, K>;

/** What others see of a phase: plain data, with its sentences in English. Pure. */
export function toPublicState(phase: Phase): UpdateState {
  switch (phase.type) {
    case 'disabled':
      return { ...phase, message: inEnglish(phase.explanation) };
    case 'needs-attention':
      return { ...phase, ...explain(phase.explanation) };
    case 'checking':
      return { type: 'checking' };
    case 'available': {
      const { offer, ...rest } = phase;
      const { downloadSize, fullSize } = offer.plan;
      return { ...rest, release: offer.summary, downloadSize, fullSize };
    }
    case 'downloading':
    case 'paused':
    case 'verifying': {
      const { offer, ...rest } = phase;
      return { ...rest, release: offer.summary };
    }
    default:
      return phase;
  }
}
