import { realpathSync } from 'node:fs';

import { app, type BaseWindow, ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';

import { textOf, toUpdateError, UpdateError } from '../../../shared/errors.ts';
import {
  type Answer,
  type IpcCall,
  ipcCallChannel,
  type IpcMethod,
  ipcStateChannel,
  type UpdatesInfo,
} from '../../../shared/ipc.ts';
import { publicError, publicState } from '../../../shared/public-error.ts';
import type { ChannelPreview, UpdateState } from '../../../shared/state.ts';
import { createTokenBucket } from '../../../shared/token-bucket.ts';
import type { Updater } from '../../manager/updater.ts';
import { ipcMethods, parseCall } from './calls.ts';
import { perform } from './perform.ts';
import { windowOf } from '../window-of.ts';
import { readPage, refusal, type SenderRules } from './sender.ts';
import { throttleProgress } from './throttle.ts';

/** Options of {@link exposeUpdater}. */
export interface ExposeOptions {
  /** Channels that pages may choose. @defaultValue none */
  readonly channels?: readonly string[];
  /**
   * Called before a page's switch of channel installs an older version. Ask the user in a dialog of the main process,
   * never in the page. @defaultValue pages cannot downgrade
   */
  readonly confirmDowngrade?: (preview: ChannelPreview) => boolean | Promise<boolean>;
  /** Methods that pages may call, such as `['info', 'check']`. @defaultValue all */
  readonly methods?: readonly IpcMethod[];
  /**
   * Origins whose pages may call, in addition to pages of the app's own files: `https://app.example.org`, or
   * `app://notes` for a scheme that is registered as standard. @defaultValue none
   */
  readonly origins?: readonly string[];
  /** Directories whose `file:` pages may call. @defaultValue the app's directory, `app.getAppPath()` */
  readonly directories?: readonly string[];
  /** Returns whether the pages of a window, or of a `WebContentsView` in it, may call. @defaultValue all windows may */
  windows?(window: BaseWindow): boolean;
}

/** Calls that a window may make at once, and per second after that. */
const callBurst = 40;
const callsPerSecond = 20;

/**
 * Lets the app's own windows see and control updates through the preload's `window.updates`. Accepts only calls from
 * the main frame of an open window, from pages of the app's files or of the given origins, with the contract's methods,
 * and at most 20 per second. Refuses every call that cannot be checked. Answers are plain data. The result stops it.
 * @throws UpdateError `OPTIONS_INVALID` for an invalid origin or directory, or if it was called before
 */
export function exposeUpdater(updater: Updater, options: ExposeOptions = {}): () => void {
  const rules = rulesOf(options);
  const methods = options.methods ?? ipcMethods;
  const audience = new Set<WebContents>();
  const limits = new WeakMap<WebContents, () => boolean>();

  async function answer(event: IpcMainInvokeEvent, request: unknown): Promise<Answer<UpdatesInfo>> {
    try {
      assertRate(event.sender, limits);
      const reason = refusal(readPage(event.sender, event.senderFrame, windowOf), rules);
      if (reason !== undefined) throw new UpdateError('IPC_FORBIDDEN', `This page may not control updates: ${reason}.`);
      join(event.sender);
      const call = parseCall(request);
      assertMethod(call, methods);
      const extra = await perform(updater, call, options);
      return { ok: true, ...infoOf(updater, options), ...extra };
    } catch (error) {
      return { ok: false, error: publicError(toUpdateError(error, 'MANAGER_UNEXPECTED').toData()) };
    }
  }

  function join(contents: WebContents): void {
    if (audience.has(contents)) return;
    audience.add(contents);
    contents.once('destroyed', () => audience.delete(contents));
  }

  function send(state: UpdateState): void {
    for (const contents of audience) {
      // The page may have navigated since its call.
      const page = readPage(contents, 'main frame', windowOf);
      if (refusal(page, rules) === undefined) contents.send(ipcStateChannel, state);
    }
  }

  handle(answer);
  const throttle = throttleProgress((state) => send(publicState(state)));
  const unsubscribe = updater.subscribe((state) => throttle.push(state));
  return () => {
    ipcMain.removeHandler(ipcCallChannel);
    unsubscribe();
    throttle.stop();
    audience.clear();
  };
}

function handle(answer: (event: IpcMainInvokeEvent, request: unknown) => Promise<unknown>): void {
  try {
    ipcMain.handle(ipcCallChannel, answer);
  } catch (error) {
    const words = `exposeUpdater() was called before. Call the function that it returned first. ${textOf(error)}`;
    throw new UpdateError('OPTIONS_INVALID', words, { cause: error });
  }
}

function rulesOf(options: ExposeOptions): SenderRules {
  const origins = options.origins ?? [];
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : undefined;
    if (url !== undefined && url.host !== '' && url.protocol !== 'file:' && `${url.protocol}//${url.host}` === origin)
      continue;
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${origin}" is not an origin. Write the scheme and the host alone, for example https://app.example.org.`,
    );
  }
  return {
    origins,
    directories: (options.directories ?? [app.getAppPath()]).flatMap(bothNames),
    windows: (window) => options.windows?.(window) ?? true,
  };
}

/** A directory as it was given, and with links resolved. Windows may load files by either path. */
function bothNames(directory: string): readonly string[] {
  try {
    return [...new Set([directory, realpathSync(directory)])];
  } catch (error) {
    throw new UpdateError('OPTIONS_INVALID', `The directory ${directory} cannot be read: ${textOf(error)}.`, {
      cause: error,
    });
  }
}

function assertRate(contents: WebContents, limits: WeakMap<WebContents, () => boolean>): void {
  const limit = limits.get(contents) ?? createTokenBucket(callBurst, callsPerSecond, () => performance.now());
  limits.set(contents, limit);
  if (!limit()) throw new UpdateError('IPC_RATE_LIMITED', 'Too many calls. Wait a moment.');
}

function assertMethod(call: IpcCall, methods: readonly IpcMethod[]): void {
  if (methods.includes(call.method)) return;
  throw new UpdateError('IPC_FORBIDDEN', `This app does not let its pages call "${call.method}".`);
}

function infoOf(updater: Updater, options: ExposeOptions): UpdatesInfo {
  const { version, channel, state, channels } = updater;
  // An administrator's policy may allow fewer channels than the app.
  const choices = (options.channels ?? []).filter((name) => channels.length === 0 || channels.includes(name));
  return { contract: 1, version, channel, channels: choices, state: publicState(state) };
}
