/**
 * Refreshes a store over and over: `node refresh-loop.ts <JSON>`. Tells its parent what came of each refresh. It loads no
 * more than it needs, since hundreds of it are started.
 */
import { readFile } from 'node:fs/promises';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { type Followed, refreshStore } from './refresh-store.ts';

/** What `refresh-loop.ts` is given. */
export interface RefreshLoop extends Followed {
  /** A file with the root that is trusted. */
  readonly root: string;
  /** Refreshes. @defaultValue until it is killed */
  readonly rounds?: number;
  /** The user to be, when started by root. */
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
