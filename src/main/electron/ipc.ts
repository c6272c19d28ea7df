import { BrowserWindow, ipcMain, type IpcMainInvokeEvent, type WebContents, type WebFrameMain } from 'electron';
import * as v from 'valibot';

import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import {
  type IpcCall,
  ipcCallChannel,
  ipcStateChannel,
  type UpdatesAnswer,
  type UpdatesInfo,
} from '../../shared/ipc.ts';
import type { UpdateState } from '../../shared/state.ts';
import { createRateLimit } from '../manager/rate-limit.ts';
import type { Updater } from '../manager/updater.ts';

export interface ExposeOptions {
  /** Channels that pages may choose. @defaultValue none */
  readonly channels?: readonly string[];
  /**
   * Origins (`https://app.example.org`, `app://notes`) whose pages may call, besides pages of the app's own files.
   * @defaultValue none
   */
  readonly origins?: readonly string[];
}

/** Calls a window may make at once, and per second after that. */
const callBurst = 40;
const callsPerSecond = 20;
/** At most 10 progress messages a second. */
const progressMs = 100;

const callSchema: v.GenericSchema<unknown, IpcCall> = v.variant('method', [
  v.strictObject({ method: v.literal('info') }),
  v.strictObject({ method: v.picklist(['check', 'download', 'pause', 'resume', 'cancel']) }),
  v.strictObject({ method: v.literal('install'), at: v.picklist(['now', 'quit', 'next-launch']) }),
  v.strictObject({ method: v.literal('setChannel'), channel: v.pipe(v.string(), v.maxLength(32)) }),
]);

/**
 * Lets the app's own windows see and steer updates through the preload's `window.updates`. Every call is checked, and
 * what can not be checked is refused: only the main frame of a live window, only pages of the app's files or of the
 * given origins, only the contract's words, not too often. Answers are data. The result stops it.
 */
export function exposeUpdater(updater: Updater, options: ExposeOptions = {}): () => void {
  const audience = new Set<WebContents>();
  const limits = new WeakMap<WebContents, () => boolean>();

  async function answer(event: IpcMainInvokeEvent, request: unknown): Promise<UpdatesAnswer> {
    try {
      assertSender(event, options);
      assertRate(event.sender, limits);
      join(event.sender);
      await perform(updater, parseCall(request), options);
      return { ok: true, ...infoOf(updater, options) };
    } catch (error) {
      return { ok: false, error: toUpdateError(error, 'MANAGER_UNEXPECTED').toData() };
    }
  }

  function join(contents: WebContents): void {
    if (audience.has(contents)) return;
    audience.add(contents);
    contents.once('destroyed', () => audience.delete(contents));
  }

  function send(state: UpdateState): void {
    for (const contents of audience) {
      // The page may have gone elsewhere since it asked.
      if (!contents.isDestroyed() && isOwnPage(contents.mainFrame, options)) contents.send(ipcStateChannel, state);
    }
  }

  ipcMain.handle(ipcCallChannel, answer);
  const unsubscribe = updater.subscribe(throttled(send));
  return () => {
    ipcMain.removeHandler(ipcCallChannel);
    unsubscribe();
    audience.clear();
  };
}

function assertSender(event: IpcMainInvokeEvent, options: ExposeOptions): void {
  const frame = event.senderFrame;
  const window = event.sender.isDestroyed() ? null : BrowserWindow.fromWebContents(event.sender);
  const isMainFrame = frame !== null && frame === event.sender.mainFrame;
  if (window === null || !isMainFrame || event.sender.getType() !== 'window' || !isOwnPage(frame, options)) {
    throw new UpdateError('IPC_FORBIDDEN', 'This page may not control updates.');
  }
}

/** A frame that has no URL, or one that can not be read, is not ours. */
function isOwnPage(frame: WebFrameMain, options: ExposeOptions): boolean {
  if (!URL.canParse(frame.url)) return false;
  const url = new URL(frame.url);
  if (url.protocol === 'file:') return url.host === '';
  return (options.origins ?? []).includes(`${url.protocol}//${url.host}`);
}

function assertRate(contents: WebContents, limits: WeakMap<WebContents, () => boolean>): void {
  const limit = limits.get(contents) ?? createRateLimit(callBurst, callsPerSecond, () => performance.now());
  limits.set(contents, limit);
  if (!limit()) throw new UpdateError('IPC_RATE_LIMITED', 'Too many calls. Wait a moment.');
}

function parseCall(request: unknown): IpcCall {
  const parsed = v.safeParse(callSchema, request);
  if (parsed.success) return parsed.output;
  throw new UpdateError('IPC_BAD_REQUEST', `The call has the wrong form: ${parsed.issues[0].message}`);
}

async function perform(updater: Updater, call: IpcCall, options: ExposeOptions): Promise<void> {
  switch (call.method) {
    case 'info':
      return;
    case 'check':
      await updater.check();
      return;
    case 'download':
      await updater.download();
      return;
    case 'install':
      await updater.install(call.at);
      return;
    case 'setChannel':
      if (!(options.channels ?? []).includes(call.channel)) {
        throw new UpdateError('IPC_FORBIDDEN', 'This page may not switch to that channel.');
      }
      await updater.setChannel(call.channel);
      return;
    case 'pause':
    case 'resume':
    case 'cancel':
      updater[call.method]();
  }
}

function infoOf(updater: Updater, options: ExposeOptions): UpdatesInfo {
  const { version, channel, state } = updater;
  return { contract: 1, version, channel, channels: options.channels ?? [], state };
}

/** Progress is thinned out; every other change is sent at once, and the last progress always arrives. */
function throttled(send: (state: UpdateState) => void): (state: UpdateState) => void {
  let last = 0;
  let timer: NodeJS.Timeout | undefined;
  let waiting: UpdateState | undefined;
  return (state) => {
    clearTimeout(timer);
    const wait = state.type === 'downloading' ? last + progressMs - performance.now() : 0;
    const now = (): void => {
      last = performance.now();
      waiting = undefined;
      send(state);
    };
    waiting = state;
    if (wait <= 0) now();
    else timer = setTimeout(() => waiting === state && now(), wait);
  };
}
