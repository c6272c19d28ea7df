import { parentPort, workerData } from 'node:worker_threads';

import { type PatchJob, writePatch } from './write-patch.ts';

/** Thread entry: makes one patch and posts its header. An error ends the thread and reaches `make-patch.ts`. */
parentPort?.postMessage(await writePatch(workerData as PatchJob));
