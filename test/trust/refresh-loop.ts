/**
 * Refreshes a store repeatedly: `node refresh-loop.ts <JSON>`. Reports the outcome of each refresh to its parent.
 * Imports as little as possible, because hundreds of these processes are started.
 */
import { readFile } from 'node:fs/promises';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { type Followed, refreshStore } from './refresh-store.ts';

/** The input of `refresh-loop.ts`. */
export interface RefreshLoop extends Followed {
  /** A file with the trusted root. */
  readonly root: string;
  /** The number of refreshes. @defaultValue until it is killed */
  readonly rounds?: number;
  /** The user to switch to, if started by root. */
  readonly uid?: number;
}

const { root, rounds = Infinity, uid, ...followed } = JSON.parse(process.argv[2] ?? '') as RefreshLoop;
const anchor = await readFile(root);
if (uid !== undefined) {
  process.setgroups?.([]);
  process.setegid?.(uid);
  process.seteuid?.(uid);
}
const http = createNodeHttpClient();
for (let round = 0; round < rounds; round++) {
  const outcome = await refreshStore(followed, anchor, http);
  await new Promise<void>((resolve, reject) => {
    process.send?.(outcome, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
await http.close();
process.disconnect?.();
