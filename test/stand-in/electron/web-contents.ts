import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import type { ChromiumEvent } from '../chromium.ts';
import { createCodec } from '../page/codec.ts';
import { worldScripts } from '../page/scripts.ts';
import { app, cancellable, chromium } from './app.ts';
import { createFrameTree, type Frame, type FrameDescription } from './frames.ts';
import { invoke, type IpcEvent, receive } from './ipc-main.ts';
import { appAddress, fulfil, pageAddress } from './protocol.ts';
import { session } from './session.ts';

interface ContextDescription {
  readonly id: number;
  readonly name: string;
  readonly origin: string;
  readonly auxData: { readonly frameId: string; readonly isDefault: boolean };
}

interface PausedRequest {
  readonly requestId: string;
  readonly frameId: string;
  readonly resourceType: string;
  readonly request: { readonly url: string; readonly method: string };
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

const world = 'Electron Isolated Context';
const codec = createCodec();
const all = new Map<number, WebContents>();
let last = 0;

/** A page, its preload and the wire between the two and the main process. */
export type WebContents = ReturnType<typeof createWebContents>;

/** `webContents` of the module. */
export const webContentsModule = {
  getAllWebContents: (): WebContents[] => [...all.values()],
  fromId: (id: number): WebContents | undefined => all.get(id),
  fromDevToolsTargetId: (targetId: string): WebContents | undefined =>
    [...all.values()].find((contents) => contents.targetId() === targetId),
};

export interface PageOptions {
  readonly preload: string | undefined;
  /** Run the preload in sub-frames, too. */
  readonly inSubFrames: boolean;
  readonly width: number;
  readonly height: number;
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type -- the type is taken from it
export function createWebContents(options: PageOptions, onGone: () => void) {
  last += 1;
  const id = last;
  const events = new EventEmitter();
  /** The preload's worlds. */
  const contexts = new Map<number, Frame>();
  let target: { readonly targetId: string; readonly session: string } | undefined;
  let onOpen: OpenHandler = () => ({ action: 'allow' });
  /** Where the app itself sends the page: no `will-navigate` for that. */
  let sentTo = '';
  let destroyed = false;
  const frames = createFrameTree(
    id,
    () => destroyed,
    (frame, channel, args) => deliver(contextOf(frame), 'message', channel, ...args),
  );
  const opened = open();

  async function open(): Promise<void> {
    const browser = chromium();
    const { width, height } = options;
    const page = { url: 'about:blank', newWindow: true, width, height };
    const { targetId } = await browser.send('Target.createTarget', page);
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    target = { targetId: String(targetId), session };
    frames.setMain(target.targetId);
    browser.onEvent((event) => {
      if (event.sessionId === session) onPageEvent(event);
      else if (event.method === 'Target.detachedFromTarget' && event.params['sessionId'] === session) gone();
      else if (event.method === 'Target.targetCreated') onTarget(event.params['targetInfo'] as TargetInfo);
    });
    await browser.send('Target.setDiscoverTargets', { discover: true });
    await browser.send('Runtime.addBinding', { name: 'electronSend', executionContextName: world }, session);
    if (options.preload !== undefined) {
      const meeting = randomBytes(16).toString('hex');
      const scripts = worldScripts(await readFile(options.preload, 'utf8'), meeting, options.inSubFrames);
      const onNewDocument = 'Page.addScriptToEvaluateOnNewDocument';
      await browser.send(onNewDocument, { source: scripts.page }, session);
      await browser.send(onNewDocument, { source: scripts.preload, worldName: world }, session);
    }
    const patterns = [{ resourceType: 'Document' }, { urlPattern: 'http://*.localhost/*' }];
    await browser.send('Fetch.enable', { patterns }, session);
    await Promise.all(
      ['Page.enable', 'Runtime.enable', 'Inspector.enable'].map((method) => browser.send(method, {}, session)),
    );
  }

  function onPageEvent({ method, params }: ChromiumEvent): void {
    switch (method) {
      case 'Runtime.executionContextCreated': {
        const { id: context, name, origin, auxData } = params['context'] as ContextDescription;
        const frame = frames.byId(auxData.frameId);
        if (auxData.isDefault) frames.setOrigin(auxData.frameId, origin);
        if (name === world && frame !== undefined) contexts.set(context, frame);
        return;
      }
      case 'Runtime.executionContextDestroyed':
        contexts.delete(Number(params['executionContextId']));
        return;
      case 'Runtime.executionContextsCleared':
        contexts.clear();
        return;
      case 'Runtime.bindingCalled': {
        const context = Number(params['executionContextId']);
        const frame = contexts.get(context);
        if (params['name'] === 'electronSend' && frame !== undefined) {
          onMessage(context, frame, String(params['payload']));
        }
        return;
      }
      case 'Fetch.requestPaused':
        void onRequest(params as unknown as PausedRequest).catch(() => undefined);
        return;
      case 'Page.frameAttached':
        frames.attached(String(params['frameId']), String(params['parentFrameId']));
        return;
      case 'Page.frameDetached':
        frames.detached(String(params['frameId']));
        return;
      case 'Page.frameNavigated': {
        const frame = frames.navigated(params['frame'] as FrameDescription);
        if (frame === frames.main) events.emit('did-navigate', {}, frame.url, 200, 'OK');
        return;
      }
      case 'Page.domContentEventFired':
        events.emit('dom-ready', {});
        return;
      case 'Page.loadEventFired':
        if (frames.main.url !== 'about:blank' && frames.main.url !== '') events.emit('did-finish-load', {});
        return;
      case 'Inspector.targetCrashed':
        events.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    }
  }

  /** Documents may be refused by the app; its own schemes are answered by the app; all else goes its way. */
  async function onRequest({ requestId, frameId, resourceType, request }: PausedRequest): Promise<void> {
    const send = async (method: string, parameters: object): Promise<unknown> =>
      chromium().send(method, { requestId, ...parameters }, target?.session);
    if (resourceType === 'Document' && !mayNavigate(frameId, request.url)) {
      await send('Fetch.failRequest', { errorReason: 'Aborted' });
      return;
    }
    const fulfilment = await fulfil(request.url, request.method);
    if (fulfilment === undefined) await send('Fetch.continueRequest', {});
    else await send('Fetch.fulfillRequest', fulfilment);
  }

  function mayNavigate(frameId: string, address: string): boolean {
    const frame = frames.byId(frameId);
    const url = appAddress(address);
    if (frame === frames.main && (address === sentTo || url === frame.url)) return true;
    const isMainFrame = frame === frames.main;
    const event = Object.assign(cancellable(), { url, isMainFrame, isSameDocument: false, frame });
    events.emit('will-frame-navigate', event);
    if (isMainFrame) events.emit('will-navigate', event, url);
    return !event.defaultPrevented;
  }

  interface TargetInfo {
    readonly targetId: string;
    readonly type: string;
    readonly openerId?: string;
    readonly url: string;
  }

  /** A page that this one has opened. A denied one is closed again, where Electron does not open it at all. */
  function onTarget({ targetId, type, openerId, url }: TargetInfo): void {
    if (type !== 'page' || openerId === undefined || openerId !== target?.targetId) return;
    if (onOpen({ url: appAddress(url) }).action === 'allow') return;
    chromium()
      .send('Target.closeTarget', { targetId })
      .catch(() => undefined);
  }

  function onMessage(context: number, senderFrame: Frame, text: string): void {
    const [kind, channel, ...rest] = codec.decode(text) as [string, string, ...unknown[]];
    const { routingId: frameId, processId } = senderFrame;
    const event: IpcEvent = { type: 'frame', sender: contents, senderFrame, frameId, processId };
    if (kind === 'send') {
      const reply = (name: string, ...args: unknown[]): void => senderFrame.send(name, ...args);
      receive(channel, { ...event, reply } as IpcEvent, rest);
      return;
    }
    const [call, ...args] = rest;
    invoke(channel, event, args).then(
      (value) => deliver(context, 'resolve', call, value),
      (error: unknown) => deliver(context, 'reject', call, error instanceof Error ? error.message : String(error)),
    );
  }

  function contextOf(frame: Frame): number | undefined {
    return [...contexts].find(([, other]) => other === frame)?.[0];
  }

  /** To a preload's world; what is on its way to a page that has gone is lost, as in Electron. */
  function deliver(contextId: number | undefined, ...message: readonly unknown[]): void {
    const text = codec.encode(message);
    if (target === undefined || contextId === undefined || destroyed) return;
    const expression = `electronReceive(${JSON.stringify(text)})`;
    chromium()
      .send('Runtime.evaluate', { expression, contextId }, target.session)
      .catch(() => undefined);
  }

  async function setPermissions(url: string): Promise<void> {
    const { origin, protocol } = new URL(pageAddress(url));
    if (protocol !== 'http:' && protocol !== 'https:') return;
    for (const setting of session.defaultSession.permissionsOf(contents, url)) {
      await chromium().send('Browser.setPermission', { ...setting, origin });
    }
  }

  function gone(): void {
    if (destroyed) return;
    destroyed = true;
    all.delete(id);
    events.emit('destroyed');
    onGone();
  }

  const contents = Object.assign(events, {
    id,
    mainFrame: frames.main,
    session: session.defaultSession,
    targetId: () => target?.targetId,
    getURL: () => frames.main.url,
    getType: () => 'window',
    isDestroyed: () => destroyed,
    isLoading: () => false,
    setWindowOpenHandler: (handler: OpenHandler) => void (onOpen = handler),
    send: (channel: string, ...args: unknown[]) => deliver(contextOf(frames.main), 'message', channel, ...args),
    async loadURL(url: string) {
      await opened;
      await setPermissions(url);
      const loaded = new Promise<void>((resolve) => events.once('did-finish-load', () => resolve()));
      sentTo = pageAddress(url);
      await chromium().send('Page.navigate', { url: sentTo }, target?.session);
      await loaded;
    },
    // Relative to the app, as Electron does it.
    loadFile: async (path: string) => contents.loadURL(pathToFileURL(resolve(app.getAppPath(), path)).href),
    async executeJavaScript(expression: string) {
      await opened;
      const parameters = { expression, awaitPromise: true, returnByValue: true };
      const { result } = await chromium().send('Runtime.evaluate', parameters, target?.session);
      return (result as { readonly value?: unknown }).value;
    },
    close() {
      const { targetId } = target ?? {};
      gone();
      if (targetId !== undefined)
        void chromium()
          .send('Target.closeTarget', { targetId })
          .catch(() => undefined);
    },
  });
  all.set(id, contents);
  app.emit('web-contents-created', {}, contents);
  return contents;
}
