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

/** The manager's complete state. Only the reducer creates a new one. */
export interface ManagerState extends ManagerFacts {
  readonly phase: Phase;
}

/** Facts that do not depend on the phase. */
export interface ManagerFacts {
  readonly policyFile: PolicyFile;
  readonly policy: AdminPolicy;
  /** The current channel: the administrator's, or else the user's, the app's, or the build's. */
  readonly channel: string;
  /** The metadata versions that the last check saw. */
  readonly trust?: TrustSummary;
  /** The result of the last search. */
  readonly search?: Search;
  /** The version whose download was cancelled since the last check. */
  readonly cancelled?: string;
}

/**
 * What the manager is doing. Like {@link UpdateState}, but with the complete offer instead of its public part, and with
 * explanations instead of English sentences. See the diagram at {@link UpdateState}.
 */
export type Phase =
  | Exclude<UpdateState, HidingState>
  | Hiding<DisabledState, 'message'>
  | Hiding<NeedsAttentionState, 'what' | 'how'>
  /** `offer` becomes available again if the check fails. */
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

/** The public state of a phase: plain data with English sentences. Pure. */
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
