import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

import type { ChromiumEvent } from '../chromium.ts';
import { createCodec } from '../page/codec.ts';
import { worldScripts } from '../page/scripts.ts';
import { chromium } from './app.ts';
import { invoke, type IpcEvent, receive } from './ipc-main.ts';

interface ContextDescription {
  readonly id: number;
  readonly name: string;
  readonly auxData: { readonly frameId: string };
}

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
  readonly width: number;
  readonly height: number;
}

// eslint-disable-next-line @typescript-eslint/explicit-function-return-type -- the type is taken from it
export function createWebContents(options: PageOptions, onGone: () => void) {
  last += 1;
  const id = last;
  const events = new EventEmitter();
  let target: { readonly targetId: string; readonly session: string } | undefined;
  let preloadContext: number | undefined;
  let url = '';
  let destroyed = false;

  /** The page's top frame, as `senderFrame` and `mainFrame` give it. */
  const mainFrame = {
    get url() {
      return url;
    },
    get origin() {
      return url.startsWith('file:') ? 'file://' : URL.canParse(url) ? new URL(url).origin : 'null';
    },
    parent: null,
    get top() {
      return mainFrame;
    },
    processId: id,
    routingId: 1,
    frameTreeNodeId: id,
    detached: false,
    isDestroyed: () => destroyed,
    send: (channel: string, ...args: unknown[]) => contents.send(channel, ...args),
  };

  const opened = open();

  async function open(): Promise<void> {
    const browser = chromium();
    const { width, height } = options;
    const { targetId } = await browser.send('Target.createTarget', {
      url: 'about:blank',
      newWindow: true,
      width,
      height,
    });
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
    const session = String(sessionId);
    target = { targetId: String(targetId), session };
    browser.onEvent((event) => {
      if (event.sessionId === session) onPageEvent(event);
      else if (event.method === 'Target.detachedFromTarget' && event.params['sessionId'] === session) gone();
    });
    await browser.send('Runtime.addBinding', { name: 'electronSend', executionContextName: world }, session);
    if (options.preload !== undefined) {
      const scripts = worldScripts(await readFile(options.preload, 'utf8'), randomBytes(16).toString('hex'));
      const onNewDocument = 'Page.addScriptToEvaluateOnNewDocument';
      await browser.send(onNewDocument, { source: scripts.page }, session);
      await browser.send(onNewDocument, { source: scripts.preload, worldName: world }, session);
    }
    await Promise.all(
      ['Page.enable', 'Runtime.enable', 'Inspector.enable'].map((method) => browser.send(method, {}, session)),
    );
  }

  function onPageEvent({ method, params }: ChromiumEvent): void {
    switch (method) {
      case 'Runtime.executionContextCreated': {
        const { id: context, name, auxData } = params['context'] as ContextDescription;
        // A top frame has the id of its target; the script's other frames have worlds of that name, too.
        if (name === world && auxData.frameId === target?.targetId) preloadContext = context;
        return;
      }
      case 'Runtime.executionContextsCleared':
        preloadContext = undefined;
        return;
      case 'Runtime.bindingCalled':
        if (params['name'] === 'electronSend' && params['executionContextId'] === preloadContext) {
          onMessage(String(params['payload']));
        }
        return;
      case 'Page.frameNavigated': {
        const frame = params['frame'] as { readonly url: string; readonly parentId?: string };
        if (frame.parentId !== undefined) return;
        url = frame.url;
        events.emit('did-navigate', {}, url, 200, 'OK');
        return;
      }
      case 'Page.domContentEventFired':
        events.emit('dom-ready', {});
        return;
      case 'Page.loadEventFired':
        if (url !== 'about:blank' && url !== '') events.emit('did-finish-load', {});
        return;
      case 'Inspector.targetCrashed':
        events.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    }
  }

  function onMessage(text: string): void {
    const [kind, channel, ...rest] = codec.decode(text) as [string, string, ...unknown[]];
    const event: IpcEvent = { type: 'frame', sender: contents, senderFrame: mainFrame, frameId: 1, processId: id };
    if (kind === 'send') {
      receive(channel, { ...event, reply: contents.send } as IpcEvent, rest);
      return;
    }
    const [call, ...args] = rest;
    invoke(channel, event, args).then(
      (value) => deliver('resolve', call, value),
      (error: unknown) => deliver('reject', call, error instanceof Error ? error.message : String(error)),
    );
  }

  /** To the preload's world; what is on its way to a page that has gone is lost, as in Electron. */
  function deliver(...message: readonly unknown[]): void {
    const text = codec.encode(message);
    if (target === undefined || preloadContext === undefined || destroyed) return;
    const expression = `electronReceive(${JSON.stringify(text)})`;
    chromium()
      .send('Runtime.evaluate', { expression, contextId: preloadContext }, target.session)
      .catch(() => undefined);
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
    mainFrame,
    session: {},
    targetId: () => target?.targetId,
    getURL: () => url,
    getType: () => 'window',
    isDestroyed: () => destroyed,
    isLoading: () => false,
    setWindowOpenHandler() {},
    send: (channel: string, ...args: unknown[]) => deliver('message', channel, ...args),
    async loadURL(address: string) {
      await opened;
      const loaded = new Promise<void>((resolve) => events.once('did-finish-load', () => resolve()));
      await chromium().send('Page.navigate', { url: address }, target?.session);
      await loaded;
    },
    loadFile: async (path: string) => contents.loadURL(pathToFileURL(path).href),
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
  return contents;
}
