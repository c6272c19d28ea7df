import type { Codec } from './codec.ts';

// What these functions use of the page that they are sent into; the rest of the project knows no DOM.
declare const document: EventTarget & { createElement(tag: string): EventTarget };
declare const self: unknown;
declare const top: unknown;
declare class MouseEvent extends Event {
  constructor(type: string, init?: { readonly relatedTarget: EventTarget });
  readonly relatedTarget: EventTarget | null;
}

/**
 * One end of the bridge between the preload's world and the page's: values are copied, functions become functions that
 * call back. The two ends share nothing but a detached element, on which each fires events for the other; what crosses
 * in an event's detail is cloned by the browser. Self-contained, so that its source
 * can be sent into a page as it is.
 */
export function createEnd(channel: EventTarget, mine: string, theirs: string): WorldEnd {
  interface Message {
    readonly call: number;
    readonly fn?: number;
    readonly args?: readonly unknown[];
    readonly ok?: boolean;
    readonly value?: unknown;
  }
  const functions: ((...args: unknown[]) => unknown)[] = [];
  const proxies = new Map<number, unknown>();
  const answers = new Map<number, (answer: Message) => void>();
  let last = 0;

  const send = (kind: string, detail: Message): void => {
    channel.dispatchEvent(new CustomEvent(`${theirs}:${kind}`, { detail }));
  };
  const listen = (kind: string, handle: (message: Message) => void): void => {
    channel.addEventListener(`${mine}:${kind}`, (event) => handle((event as CustomEvent<Message>).detail));
  };

  function copyOut(value: unknown): unknown {
    if (typeof value === 'function') {
      const known = functions.indexOf(value as never);
      return { $function: known >= 0 ? known : functions.push(value as never) - 1 };
    }
    if (value instanceof Promise) return { $function: functions.push(async () => value) - 1, $promise: true };
    if (Array.isArray(value)) return { $array: value.map(copyOut) };
    if (value instanceof Error) return { $error: value.message };
    if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return { $object: Object.entries(value).map(([key, item]) => [key, copyOut(item)]) };
  }

  function copyIn(value: unknown): unknown {
    if (value === null || typeof value !== 'object') return value;
    const { $function, $promise, $array, $error, $object } = value as Record<string, unknown>;
    if (typeof $function === 'number') return $promise === true ? call($function, []) : proxy($function);
    if (Array.isArray($array)) return Object.freeze($array.map(copyIn));
    if (typeof $error === 'string') return new Error($error);
    if (!Array.isArray($object)) return value;
    const object = {};
    for (const [key, item] of $object as [string, unknown][]) {
      Object.defineProperty(object, key, { value: copyIn(item), enumerable: true });
    }
    return Object.freeze(object);
  }

  function proxy(fn: number): unknown {
    const known = proxies.get(fn);
    if (known !== undefined) return known;
    const made = (...args: unknown[]): unknown => call(fn, args);
    proxies.set(fn, made);
    return made;
  }

  /** Events are delivered synchronously, so the answer is there when `send` returns, unless it is a promise. */
  function call(fn: number, args: readonly unknown[]): unknown {
    last += 1;
    const id = last;
    let first: Message | undefined;
    answers.set(id, (answer) => (first = answer));
    send('call', { call: id, fn, args: args.map(copyOut) });
    answers.delete(id);
    if (first?.ok === undefined) {
      return new Promise((resolve, reject) => {
        answers.set(id, ({ ok, value }) => (ok === true ? resolve(copyIn(value)) : reject(copyIn(value))));
      });
    }
    if (first.ok) return copyIn(first.value);
    throw copyIn(first.value);
  }

  listen('call', ({ call, fn = -1, args = [] }) => {
    const answer = (ok: boolean, value: unknown): void => send('answer', { call, ok, value: copyOut(value) });
    try {
      const value = functions[fn]?.(...args.map(copyIn));
      if (!(value instanceof Promise)) return answer(true, value);
      send('answer', { call });
      value.then(
        (settled: unknown) => answer(true, settled),
        (error: unknown) => answer(false, error),
      );
    } catch (error) {
      answer(false, error);
    }
  });
  listen('answer', (message) => answers.get(message.call)?.(message));

  return {
    offer: (name, api) => send('offer', { call: 0, value: [name, copyOut(api)] }),
    accept: (take) => {
      listen('offer', ({ value }) => {
        const [name, api] = value as [string, unknown];
        take(name, copyIn(api));
      });
    },
  };
}

export interface WorldEnd {
  offer(name: string, api: unknown): void;
  accept(take: (name: string, api: unknown) => void): void;
}

/** The script of the page's world: takes what the preload exposes. Runs before any script of the page. */
export function pageWorld(meeting: string, inSubFrames: boolean, makeEnd: typeof createEnd): void {
  if (self !== top && !inSubFrames) return;
  const channel = document.createElement('a');
  makeEnd(channel, 'page', 'preload').accept((name, api) => {
    Object.defineProperty(globalThis, name, { value: api, enumerable: true });
  });
  const meet = (): void => {
    document.dispatchEvent(new MouseEvent(`${meeting}:here`, { relatedTarget: channel }));
  };
  document.addEventListener(`${meeting}:ask`, meet, { once: true });
  meet();
}

/** The script of the preload's world: a small `electron` module, then the preload itself. */
export function preloadWorld(
  meeting: string,
  inSubFrames: boolean,
  makeEnd: typeof createEnd,
  makeCodec: () => Codec,
  preload: (require: (name: string) => unknown) => void,
): void {
  if (self !== top && !inSubFrames) return;
  type Listener = (event: object, ...args: unknown[]) => void;
  interface Wire {
    electronSend(text: string): void;
    electronReceive(text: string): void;
  }
  const wire = globalThis as unknown as Wire;
  const codec = makeCodec();
  const listeners = new Map<string, Listener[]>();
  const calls = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let last = 0;

  const post = (message: readonly unknown[]): void => wire.electronSend(codec.encode(message));
  wire.electronReceive = (text) => {
    const [kind, name, ...args] = codec.decode(text) as [string, never, ...unknown[]];
    if (kind === 'message')
      for (const listener of listeners.get(name) ?? []) listener({ sender: ipcRenderer }, ...args);
    else if (kind === 'resolve') calls.get(name)?.resolve(args[0]);
    else calls.get(name)?.reject(new Error(String(args[0])));
  };

  const ipcRenderer = {
    invoke: async (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        last += 1;
        calls.set(last, { resolve, reject });
        post(['invoke', channel, last, ...args]);
      }),
    send: (channel: string, ...args: unknown[]) => post(['send', channel, ...args]),
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
    once(channel: string, listener: Listener) {
      const once: Listener = (...args) => {
        ipcRenderer.removeListener(channel, once);
        listener(...args);
      };
      return ipcRenderer.on(channel, once);
    },
    off: (channel: string, listener: Listener) => ipcRenderer.removeListener(channel, listener),
    removeListener(channel: string, listener: Listener) {
      const left = [...(listeners.get(channel) ?? [])];
      const at = left.lastIndexOf(listener);
      if (at >= 0) left.splice(at, 1);
      listeners.set(channel, left);
      return ipcRenderer;
    },
    removeAllListeners(channel: string) {
      listeners.delete(channel);
      return ipcRenderer;
    },
  };

  const meet = (channel: EventTarget): void => {
    const end = makeEnd(channel, 'preload', 'page');
    const contextBridge = { exposeInMainWorld: (name: string, api: unknown) => end.offer(name, api) };
    preload((name) => {
      if (name === 'electron') return { contextBridge, ipcRenderer };
      throw new Error(`module not found: ${name}`);
    });
  };
  document.addEventListener(
    `${meeting}:here`,
    (event) => {
      const channel = (event as MouseEvent).relatedTarget;
      if (channel !== null) meet(channel);
    },
    { once: true },
  );
  document.dispatchEvent(new MouseEvent(`${meeting}:ask`));
}
