import { parentPort, workerData } from 'node:worker_threads';

import { type PatchJob, writePatch } from './write-patch.ts';

/** Thread entry: writes one patch and posts its header. An error ends the thread and is rethrown by `make-patch.ts`. */
parentPort?.postMessage(await writePatch(workerData as PatchJob));
