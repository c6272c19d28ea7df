import type { UpdateErrorData } from './errors.ts';
import type { ChannelPreview, DiagnosticReport, HistoryEntry, InstallAt, UpdateState } from './state.ts';

/** The version of the contract between main process and preload; both come from one package, yet bundles can be old. */
type IpcContract = 1;

/** Channel names. They hold the contract's version: another version does not answer. */
export const ipcCallChannel = 'electron-tuf-updater:1:call';
export const ipcStateChannel = 'electron-tuf-updater:1:state';

/** Calls without arguments. */
type PlainMethod = 'info' | 'check' | 'download' | 'pause' | 'resume' | 'cancel' | 'skip' | 'history' | 'diagnostics';

/** What a page may ask for. Plain data. */
export type IpcCall =
  | { readonly method: PlainMethod }
  | { readonly method: 'remindLater'; readonly ms?: number }
  | { readonly method: 'install'; readonly at: InstallAt }
  | { readonly method: 'previewChannel'; readonly channel: string }
  | { readonly method: 'setChannel'; readonly channel: string; readonly allowDowngrade?: boolean };

export type IpcMethod = IpcCall['method'];

/** What does not change while a window is open, and what does. */
export interface UpdatesInfo {
  readonly contract: IpcContract;
  /** The running version. */
  readonly version: string;
  readonly channel: string;
  /** The channels that the main process lets pages choose. */
  readonly channels: readonly string[];
  readonly state: UpdateState;
}

/** Every answer is data: nothing is thrown across processes. */
export type Answer<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: UpdateErrorData };

export type UpdatesAnswer = Answer<UpdatesInfo>;

/** `window.updates`: plain data and functions, nothing of Electron's. Each call resolves; none rejects. */
export interface UpdatesApi {
  /** The running version, the channel and the state. */
  info(): Promise<UpdatesAnswer>;
  /** Calls `listener` with every new state, at most 10 times a second while downloading. The result unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /**
   * The last state this page has heard of. A new copy at each call, because it crosses from the preload's world: for
   * React and others that compare snapshots, take `createUpdateStore` from `electron-tuf-updater/page`.
   */
  getSnapshot(): UpdateState;
  check(): Promise<UpdatesAnswer>;
  download(): Promise<UpdatesAnswer>;
  pause(): Promise<UpdatesAnswer>;
  resume(): Promise<UpdatesAnswer>;
  cancel(): Promise<UpdatesAnswer>;
  /** Now (the app quits), when it quits, or at its next start. @defaultValue now */
  install(at?: InstallAt): Promise<UpdatesAnswer>;
  /** Passes over the offered release until a newer one comes; a critical one cannot be skipped. */
  skip(): Promise<UpdatesAnswer>;
  /** Asks again later. @param ms milliseconds, at most 30 days @defaultValue 24 hours */
  remindLater(ms?: number): Promise<UpdatesAnswer>;
  /** What a switch to another channel would lead to; nothing is changed by looking. */
  previewChannel(channel: string): Promise<Answer<{ readonly preview: ChannelPreview }>>;
  /**
   * Needs the main process's consent, else `IPC_FORBIDDEN`: `channels` of `exposeUpdater` for the switch, its
   * `confirmDowngrade` for `allowDowngrade`.
   */
  setChannel(channel: string, options?: { readonly allowDowngrade?: boolean }): Promise<UpdatesAnswer>;
  /** The last installs, newest first. */
  history(): Promise<Answer<{ readonly history: readonly HistoryEntry[] }>>;
  /** Why an update is or is not offered, in words: for a support request. */
  diagnostics(): Promise<Answer<{ readonly report: DiagnosticReport }>>;
}
