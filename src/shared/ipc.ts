import type { UpdateErrorData } from './errors.ts';
import type { ChannelPreview, DiagnosticReport, HistoryEntry, InstallAt, UpdateState } from './state.ts';

/** The version of the contract between main process and preload. A preload bundle may be older than the package. */
type IpcContract = 1;

/** Channel names. They contain the contract's version, so another version does not answer. */
export const ipcCallChannel = 'electron-tuf-updater:1:call';
export const ipcStateChannel = 'electron-tuf-updater:1:state';

/** Calls without arguments. */
type PlainMethod = 'info' | 'check' | 'download' | 'pause' | 'resume' | 'cancel' | 'skip' | 'history' | 'diagnostics';

/** The calls that a page may make. Plain data. */
export type IpcCall =
  | { readonly method: PlainMethod }
  | { readonly method: 'remindLater'; readonly ms?: number }
  | { readonly method: 'install'; readonly at: InstallAt }
  | { readonly method: 'previewChannel'; readonly channel: string }
  | { readonly method: 'setChannel'; readonly channel: string; readonly allowDowngrade?: boolean };

export type IpcMethod = IpcCall['method'];

/** The app's version, the channels and the current state. */
export interface UpdatesInfo {
  readonly contract: IpcContract;
  /** The running version. */
  readonly version: string;
  readonly channel: string;
  /** The channels that the main process lets pages choose. */
  readonly channels: readonly string[];
  readonly state: UpdateState;
}

/** Every answer is data, because errors are not thrown across processes. */
export type Answer<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: UpdateErrorData };

export type UpdatesAnswer = Answer<UpdatesInfo>;

/** `window.updates`: plain data and functions, without Electron's objects. Calls resolve and never reject. */
export interface UpdatesApi {
  /** The running version, the channel and the state. */
  info(): Promise<UpdatesAnswer>;
  /** Calls `listener` with every new state, at most 10 times a second during downloads. Returns a function that unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /**
   * The last state that this page has received. Each call returns a new copy, because values are copied from the preload's
   * world. For React and others that compare snapshots, use `createUpdateStore` from `electron-tuf-updater/page`.
   */
  getSnapshot(): UpdateState;
  check(): Promise<UpdatesAnswer>;
  download(): Promise<UpdatesAnswer>;
  pause(): Promise<UpdatesAnswer>;
  resume(): Promise<UpdatesAnswer>;
  cancel(): Promise<UpdatesAnswer>;
  /** Now (the app quits), when it quits, or at its next start. @defaultValue now */
  install(at?: InstallAt): Promise<UpdatesAnswer>;
  /** Skips the offered release until a newer one is published. A critical release cannot be skipped. */
  skip(): Promise<UpdatesAnswer>;
  /** Asks again later. @param ms milliseconds, at most 30 days @defaultValue 24 hours */
  remindLater(ms?: number): Promise<UpdatesAnswer>;
  /** Tells what a switch to another channel would lead to. Changes nothing. */
  previewChannel(channel: string): Promise<Answer<{ readonly preview: ChannelPreview }>>;
  /**
   * Switches the channel. Fails with `IPC_FORBIDDEN` without the main process's consent: `channels` of `exposeUpdater` for the
   * switch, and its `confirmDowngrade` for `allowDowngrade`.
   */
  setChannel(channel: string, options?: { readonly allowDowngrade?: boolean }): Promise<UpdatesAnswer>;
  /** The last installs, newest first. */
  history(): Promise<Answer<{ readonly history: readonly HistoryEntry[] }>>;
  /** Explains in words why an update is or is not offered, for a support request. */
  diagnostics(): Promise<Answer<{ readonly report: DiagnosticReport }>>;
}
