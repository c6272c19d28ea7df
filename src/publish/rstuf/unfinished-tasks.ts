import { createHash } from 'node:crypto';
import * as v from 'valibot';

import { JsonStore } from '../../files/json-store.ts';

/** A task that RSTUF had accepted, and had not ended when this publisher stopped waiting. */
interface UnfinishedTask {
  readonly id: string;
  /** SHA-256 of what was sent, and where to. */
  readonly request: string;
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
}

/** Remembers accepted tasks over runs: what was sent once is not sent again while RSTUF still works on it. */
export interface UnfinishedTasks {
  find(request: string): Promise<string | undefined>;
  add(id: string, request: string): Promise<void>;
  remove(id: string): Promise<void>;
}

/** After this time, in milliseconds, RSTUF has lost a task: its queue was emptied, or its result has expired. */
const lostAfterMs = 3_600_000;

const schema: v.GenericSchema<unknown, readonly UnfinishedTask[]> = v.array(
  v.object({ id: v.string(), request: v.string(), acceptedAt: v.number() }),
);

/** `path`: a file for one publisher at a time. Without one, nothing is remembered. */
export function openUnfinishedTasks(path: string | undefined, now: () => number = Date.now): UnfinishedTasks {
  if (path === undefined) {
    const none = async (): Promise<undefined> => Promise.resolve(undefined);
    return { find: none, add: none, remove: none };
  }
  // A file that was lost costs a second task, no release.
  const store = new JsonStore({ path, schema, empty: [], logger: { warn: () => {} } });
  const recent = async (): Promise<readonly UnfinishedTask[]> =>
    (await store.read()).filter(({ acceptedAt }) => now() - acceptedAt < lostAfterMs);
  return {
    find: async (request) => (await recent()).find((task) => task.request === request)?.id,
    add: async (id, request) => store.write([...(await recent()), { id, request, acceptedAt: now() }]),
    async remove(id) {
      const tasks = await store.read();
      if (tasks.some((task) => task.id === id)) await store.write(tasks.filter((task) => task.id !== id));
    },
  };
}

export function requestDigest(url: string, body: unknown): string {
  return createHash('sha256')
    .update(`${url}\n${JSON.stringify(body)}`)
    .digest('hex');
}
