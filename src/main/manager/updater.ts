import type { TrustSummary } from '../ports.ts';
import type { InstallAt, UpdateState } from '../../shared/state.ts';

/** The update manager of an app. One per process. */
export interface Updater {
  /** Plain data; a new object whenever it changes. */
  readonly state: UpdateState;
  /** The running version. */
  readonly version: string;
  /** The channel in use: the user's choice, else the build's default. */
  readonly channel: string;
  /** Calls `listener` on every change of state. The result unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /** The state, for stores such as React's `useSyncExternalStore`. */
  getSnapshot(): UpdateState;
  /** Looks for a newer release. Calls that come while one is running share it. Resolves to the state afterwards. */
  check(): Promise<UpdateState>;
  /** Downloads, verifies and stages the release that is `available`. */
  download(): Promise<UpdateState>;
  pause(): void;
  resume(): void;
  /** Stops a download; what is there is kept for the next one. */
  cancel(): void;
  /** Installs what is `staged`: now (the app quits), when it quits, or at its next start. @defaultValue now */
  install(at?: InstallAt): Promise<UpdateState>;
  /** Remembers the user's channel and checks. @throws UpdateError `OPTIONS_INVALID` */
  setChannel(channel: string): Promise<UpdateState>;
  /** The running version works: what the last update left for a way back is removed. */
  confirmHealthy(): Promise<void>;
  /** What the last check saw of the repository. */
  readonly lastTrust: TrustSummary | undefined;
  /** Stops timers and transfers; the state stays as it is. */
  close(): Promise<void>;
}
