import type { Updater } from '../../src/main/manager/updater.ts';
import type { Progress, ReleaseSummary, UpdateState } from '../../src/shared/state.ts';

/** An updater whose states a test tells; it notes what was called. For faces alone, which only look and call. */
export interface ScriptedUpdater extends Updater {
  readonly calls: (readonly unknown[])[];
  say(state: UpdateState): void;
  /** What a call does from now on, after it was noted. */
  on(method: string, work: (...args: readonly unknown[]) => unknown): void;
}

export function scriptedUpdater(first: UpdateState = { type: 'idle' }): ScriptedUpdater {
  const listeners = new Set<(state: UpdateState) => void>();
  const calls: (readonly unknown[])[] = [];
  const works = new Map<string, (...args: readonly unknown[]) => unknown>();
  let state = first;
  const note = (method: string, ...args: readonly unknown[]): unknown => {
    calls.push([method, ...args]);
    return works.get(method)?.(...args);
  };
  const settle = async (method: string, ...args: readonly unknown[]): Promise<UpdateState> => {
    await note(method, ...args);
    return state;
  };
  return {
    calls,
    say(next) {
      state = next;
      for (const listener of listeners) listener(next);
    },
    on: (method, work) => void works.set(method, work),
    get state() {
      return state;
    },
    version: '1.0.0',
    channel: 'stable',
    channels: [],
    lastTrust: undefined,
    lastReleases: [],
    stagedFile: async () => Promise.resolve(state.type === 'staged' ? '/updates/staged/Notes.AppImage' : undefined),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    getSnapshot: () => state,
    whenReady: async () => Promise.resolve(state),
    check: async (options) => settle('check', ...(options === undefined ? [] : [options])),
    download: async () => settle('download'),
    pause: () => void note('pause'),
    resume: () => void note('resume'),
    cancel: () => void note('cancel'),
    install: async (at = 'now', options) => settle('install', at, ...(options === undefined ? [] : [options])),
    skip: async () => settle('skip'),
    remindLater: async (ms) => settle('remindLater', ms),
    installFromBundle: async (path) => settle('installFromBundle', path),
    previewChannel: async (channel) =>
      Promise.resolve((note('previewChannel', channel) as never) ?? { channel, needsConsent: false }),
    setChannel: async (channel, options) => settle('setChannel', channel, ...(options === undefined ? [] : [options])),
    confirmHealthy: async () => void (await settle('confirmHealthy')),
    pointOfNoReturn: async () => void (await settle('pointOfNoReturn')),
    history: async () => Promise.resolve((note('history') as never) ?? []),
    diagnostics: async () => Promise.resolve(note('diagnostics') as never),
    close: async () => void (await settle('close')),
  };
}

export const release: ReleaseSummary = {
  version: '1.1.0',
  channel: 'stable',
  releasedAt: '2026-11-22T10:00:00Z',
  notes: { en: '**New**: tags', de: '**Neu**: Schlagwörter' },
  critical: false,
};

export function progressAt(received: number, total = 1000): Progress {
  return { phase: 'download', received, total, saved: 0, bytesPerSecond: 100 };
}
