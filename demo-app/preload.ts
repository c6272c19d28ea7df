import { exposeUpdates } from '../src/preload/index.ts';

/** The preload script of the window: `window.updates`, and nothing else. */
exposeUpdates();
