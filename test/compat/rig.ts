import type { EventEmitter } from 'node:events';

import { AppUpdater } from '../../src/compat/app-updater.ts';
import type { Surroundings, Wishes } from '../../src/compat/surroundings.ts';
import { plainSurroundings } from '../support/migrated-updater.ts';
import { progressAt, release, type ScriptedUpdater, scriptedUpdater } from '../support/scripted-updater.ts';

/** The compatible updater over one whose states a test tells. */
export interface Rig {
  readonly updater: ScriptedUpdater;
  readonly ours: AppUpdater;
  /** What the updater asks of the settings, once it was opened. */
  readonly wishes: () => Wishes | undefined;
  readonly notifications: readonly unknown[];
  /** How often a quit was announced. */
  readonly announced: () => number;
}

export function createRig(change: Partial<Surroundings> = {}): Rig {
  const updater = scriptedUpdater();
  const notifications: unknown[] = [];
  let wishes: Wishes | undefined;
  let announced = 0;
  const ours = new AppUpdater(
    plainSurroundings({
      open(asked) {
        wishes = asked;
        return updater;
      },
      notify: (notification) => notifications.push(notification),
      announceQuit: () => void (announced += 1),
      ...change,
    }),
  );
  ours.logger = null;
  return { updater, ours, wishes: () => wishes, notifications, announced: () => announced };
}

/** A check by the app, for which a person may wait. */
export const byItself: readonly unknown[] = ['check', { manual: false, patience: 'quick' }];

/** The states that our updater goes through when there is a release. */
export function offer(updater: ScriptedUpdater): void {
  updater.on('check', () => {
    updater.say({ type: 'checking' });
    updater.say({ type: 'available', release, downloadSize: 1000, fullSize: 1000 });
  });
  updater.on('download', () => {
    updater.say({ type: 'downloading', release, progress: progressAt(0) });
    updater.say({ type: 'downloading', release, progress: progressAt(400) });
    updater.say({ type: 'downloading', release, progress: progressAt(1000) });
    updater.say({ type: 'verifying', release });
    updater.say({ type: 'staged', release, installAt: 'now' });
  });
}

/** The states when there is none. */
export function nothing(updater: ScriptedUpdater): void {
  updater.on('check', () => {
    updater.say({ type: 'checking' });
    updater.say({ type: 'idle' });
  });
}

/** What an updater logs from now on. */
export function logOf(updater: AppUpdater): string[] {
  const lines: string[] = [];
  const note = (message?: unknown): void => void lines.push(String(message));
  updater.logger = { info: note, warn: note, error: note };
  return lines;
}

const names = [
  'checking-for-update',
  'update-available',
  'update-not-available',
  'download-progress',
  'update-downloaded',
  'update-cancelled',
  'error',
] as const;

/** The names of the events, a run of progress as one, and the shape of what came with each. */
export function listen(updater: EventEmitter): { readonly order: string[]; readonly shapes: Record<string, unknown> } {
  const order: string[] = [];
  const shapes: Record<string, unknown> = {};
  for (const name of names) {
    updater.on(name, (...args: unknown[]) => {
      if (order.at(-1) !== name) order.push(name);
      shapes[name] = args.map((argument) => (argument instanceof Error ? 'Error' : shapeOf(argument)));
    });
  }
  return { order, shapes };
}

/** A value without its content: names and types; lists are lists. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return 'array';
  if (typeof value !== 'object' || value === null) return typeof value;
  if (value instanceof Promise) return 'promise';
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, item]) => [name, name === 'cancellationToken' ? 'token' : shapeOf(item)]),
  );
}
