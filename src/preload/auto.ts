import { exposeUpdates } from './index.ts';

/**
 * A complete preload script for windows that need no other: `preload:
 * require.resolve('electron-tuf-updater/preload-auto')`.
 */
exposeUpdates();
