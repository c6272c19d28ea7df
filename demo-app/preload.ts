import { exposeUpdates } from '../src/preload/index.ts';

/** The preload script of the window. It exposes only `window.updates`. */
exposeUpdates();
