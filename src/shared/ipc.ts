import type { UpdateErrorData } from './errors.ts';
import type { InstallAt, UpdateState } from './state.ts';

/** The version of the contract between main process and preload; both come from one package, yet bundles can be old. */
export type IpcContract = 1;

/** Channel names. They hold the contract's version: another version does not answer. */
export const ipcCallChannel = 'electron-tuf-updater:1:call';
export const ipcStateChannel = 'electron-tuf-updater:1:state';

/** What a page may ask for. Plain data. */
export type IpcCall =
  | { readonly method: 'info' }
  | { readonly method: 'check' | 'download' | 'pause' | 'resume' | 'cancel' }
  | { readonly method: 'install'; readonly at: InstallAt }
  | { readonly method: 'setChannel'; readonly channel: string };

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
export type UpdatesAnswer =
  ({ readonly ok: true } & UpdatesInfo) | { readonly ok: false; readonly error: UpdateErrorData };

/** `window.updates`: plain data and functions, nothing of Electron's. Each call resolves; none rejects. */
export interface UpdatesApi {
  /** The running version, the channel and the state. */
  info(): Promise<UpdatesAnswer>;
  /** Calls `listener` with every new state, at most 10 times a second while downloading. The result unsubscribes. */
  subscribe(listener: (state: UpdateState) => void): () => void;
  /** The last state this page has heard of: with `subscribe`, a store for React, Vue and Svelte. */
  getSnapshot(): UpdateState;
  check(): Promise<UpdatesAnswer>;
  download(): Promise<UpdatesAnswer>;
  pause(): Promise<UpdatesAnswer>;
  resume(): Promise<UpdatesAnswer>;
  cancel(): Promise<UpdatesAnswer>;
  /** @defaultValue now */
  install(at?: InstallAt): Promise<UpdatesAnswer>;
  /** Needs the main process's consent (`exposeUpdater(updater, { channels })`), else `IPC_FORBIDDEN`. */
  setChannel(channel: string): Promise<UpdatesAnswer>;
}
