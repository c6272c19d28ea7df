import { join } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import type { HistoryEntry } from '../../../shared/state.ts';
import type { Logger } from '../../ports.ts';

const maxEntries = 50;

const schema: v.GenericSchema<unknown, readonly HistoryEntry[]> = v.array(
  v.object({
    result: v.picklist(['installed', 'rolled-back']),
    from: v.string(),
    to: v.string(),
    at: v.pipe(v.string(), v.isoTimestamp()),
    reason: v.exactOptional(v.string()),
  }),
);

export interface History {
  /** Newest first. */
  list(): Promise<readonly HistoryEntry[]>;
  add(entry: HistoryEntry): Promise<void>;
}

/** Opens `history.json` in `directory`. If it is corrupt or cannot be written, entries are lost and updates go on. */
export function openHistory(directory: string, logger: Logger): History {
  const store = new JsonStore<readonly HistoryEntry[]>({
    path: join(directory, 'history.json'),
    schema,
    empty: [],
    logger,
  });
  const list = async (): Promise<readonly HistoryEntry[]> => (await store.read()).slice(0, maxEntries);
  return {
    list,
    add: async (entry) => store.write([entry, ...(await list())].slice(0, maxEntries)),
  };
}
