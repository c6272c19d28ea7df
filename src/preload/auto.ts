import { exposeUpdates } from './index.ts';

/** A preload script of its own, for windows that need no other: `preload: require.resolve('electron-tuf-updater/preload-auto')`. */
exposeUpdates();
