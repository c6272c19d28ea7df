import { AppUpdater } from './app-updater.ts';
import type { Surroundings } from './surroundings.ts';
import type { FeedOptions } from './types.ts';

/** {@link AppUpdater} as apps construct it: with electron-updater's arguments. */
export interface AppUpdaterConstructor {
  new (options?: FeedOptions | null, app?: unknown): AppUpdater;
  readonly prototype: AppUpdater;
}

/** The class with its surroundings filled in; `instanceof` and subclasses work as with the class itself. */
export function bindAppUpdater(surroundings: Surroundings): AppUpdaterConstructor {
  const bound: unknown = new Proxy(AppUpdater, {
    construct: (target, [options]: readonly (FeedOptions | null | undefined)[], newTarget) =>
      Reflect.construct(target, [surroundings, options], newTarget) as AppUpdater,
  });
  return bound as AppUpdaterConstructor;
}
