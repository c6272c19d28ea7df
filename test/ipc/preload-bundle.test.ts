import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

const bundle = (name: string): string => readFileSync(join(import.meta.dirname, '../../dist', name), 'utf8');

/** The methods of the contract. The page gets these, and nothing else. */
const contract = [
  'info',
  'subscribe',
  'getSnapshot',
  'check',
  'download',
  'pause',
  'resume',
  'cancel',
  'install',
  'skip',
  'remindLater',
  'previewChannel',
  'setChannel',
  'history',
  'diagnostics',
].sort();

describe('the built preload-auto', () => {
  const source = bundle('preload-auto.cjs');

  it('is one file of at most 6 KB that requires only electron, as a sandbox demands', () => {
    const required = [...source.matchAll(/\brequire\(([^)]*)\)/g)].map((match) => match[1]);
    const imports = /\bimport\s*[({"'`]/.test(source);
    expect({ required, imports, fits: source.length <= 6144 && gzipSync(source).length <= 6144 }).toEqual({
      required: ['"electron"'],
      imports: false,
      fits: true,
    });
  });

  it('exposes exactly the contract to the page: only functions, nothing of Electron', () => {
    const { exposed } = run(source);
    expect(exposed.map(([name, api]) => [name, Object.keys(api).sort()])).toEqual([['updates', contract]]);
    for (const value of Object.values(exposed[0]?.[1] ?? {})) expect(typeof value).toBe('function');
  });

  it('exposes nothing to frames inside the page', () => {
    expect(run(source, { top: {} }).exposed).toEqual([]);
  });

  it('asks once at start, keeps the state, and passes states on without the event', async () => {
    const { api, hear, invoked } = run(source);
    const heard: unknown[] = [];
    const stop = api.subscribe((...args: unknown[]) => void heard.push(args));
    api.subscribe(() => {
      throw new Error('the page has a bug');
    });
    await Promise.resolve();
    hear({ sender: 'ipcRenderer' }, { type: 'checking' });
    stop();
    hear({ sender: 'ipcRenderer' }, { type: 'idle' });
    expect({ heard, snapshot: api.getSnapshot(), invoked }).toEqual({
      heard: [[{ type: 'checking' }]],
      snapshot: { type: 'idle' },
      invoked: [['electron-tuf-updater:1:call', { method: 'info' }]],
    });
  });

  it('asks again until it gets an answer', async () => {
    const answers = [
      async () => Promise.reject(new Error('No handler registered')),
      async () => refused,
      async () => told,
    ];
    const waits: number[] = [];
    const setTimeout = (work: () => void, ms: number): void => {
      waits.push(ms);
      work();
    };
    const { api, invoked } = run(source, { setTimeout }, async () => answers.shift()?.());
    await expect.poll(() => api.getSnapshot()).toEqual({ type: 'checking' });
    expect({ asked: invoked.length, waits }).toEqual({ asked: 3, waits: [50, 100] });
  });

  it('stops asking if it is refused', async () => {
    const waits: number[] = [];
    const setTimeout = (work: () => void, ms: number): void => {
      waits.push(ms);
      work();
    };
    const { invoked } = run(source, { setTimeout }, async () => Promise.resolve(refused));
    await expect.poll(() => waits.at(-1)).toBe(3200);
    expect(invoked.length).toBeLessThanOrEqual(8);
  });

  it('answers with data even if the channel has no handler', async () => {
    const { api } = run(source, {}, async () => Promise.reject(new Error('No handler registered')));
    expect(await api.check()).toMatchObject({ ok: false, error: { code: 'IPC_DISCONNECTED' } });
  });

  it('sends the methods of the contract', async () => {
    const { api, invoked } = run(source);
    await api.install();
    await api.install('quit');
    await api.remindLater();
    await api.setChannel('beta', { allowDowngrade: true, more: 1 });
    expect(invoked.slice(1).map(([, call]) => call)).toEqual([
      { method: 'install', at: 'now' },
      { method: 'install', at: 'quit' },
      { method: 'remindLater' },
      { method: 'setChannel', channel: 'beta', allowDowngrade: true },
    ]);
  });
});

it('the built page store imports nothing', () => {
  expect(bundle('page.mjs').match(/^import|require\(/gm)).toBeNull();
});

const refused = { ok: false, error: { code: 'IPC_FORBIDDEN' } };
const told = { ok: true, state: { type: 'checking' } };

interface Api {
  subscribe(listener: (...args: unknown[]) => void): () => void;
  getSnapshot(): unknown;
  check(): Promise<unknown>;
  install(at?: string): Promise<unknown>;
  remindLater(): Promise<unknown>;
  setChannel(channel: string, options: object): Promise<unknown>;
}

/** Runs the bundle as Electron runs a sandboxed preload script, with a `require` that knows only `electron`. */
function run(
  source: string,
  globals: object = {},
  invoke: (channel: string, call: unknown) => Promise<unknown> = async () =>
    Promise.resolve({ ok: false, error: { code: 'IPC_FORBIDDEN' } }),
): {
  readonly exposed: [string, Record<string, unknown>][];
  readonly api: Api;
  readonly invoked: unknown[][];
  readonly hear: (event: object, state: unknown) => void;
} {
  const exposed: [string, Record<string, unknown>][] = [];
  const invoked: unknown[][] = [];
  let hear: (event: object, state: unknown) => void = () => undefined;
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: Record<string, unknown>) => exposed.push([name, api]) },
    ipcRenderer: {
      async invoke(channel: string, call: unknown) {
        invoked.push([channel, structuredClone(call)]);
        return invoke(channel, call);
      },
      on: (_channel: string, listener: typeof hear) => void (hear = listener),
    },
  };
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw new Error(`module not found: ${name}`);
  };
  // The bundle throws the exception of a page's listener again in a microtask. This test drops it.
  const queueMicrotask = (): void => undefined;
  const known = { require, module: {}, exports: {}, queueMicrotask, setTimeout: () => undefined };
  runInContext(source, createContext({ ...known, ...globals }));
  return { exposed, api: exposed[0]?.[1] as unknown as Api, invoked, hear: (event, state) => hear(event, state) };
}
