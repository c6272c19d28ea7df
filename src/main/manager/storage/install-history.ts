import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { writeAtomic } from '../../../files/write-atomic.ts';
import { systemCode, textOf } from '../../../shared/errors.ts';
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

/** `history.json` in `directory`: the last installs. A corrupt or unwritable one costs the memory, not the updates. */
export function openHistory(directory: string, logger: Logger): History {
  const path = join(directory, 'history.json');

  async function list(): Promise<readonly HistoryEntry[]> {
    try {
      const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
      if (parsed.success) return parsed.output.slice(0, maxEntries);
      logger.warn('history.json is not valid; it is begun anew.');
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') logger.warn(`history.json cannot be read: ${textOf(error)}`);
    }
    return [];
  }

  return {
    list,
    async add(entry) {
      const entries = [entry, ...(await list())].slice(0, maxEntries);
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeAtomic(path, `${JSON.stringify(entries, undefined, 2)}\n`);
      } catch (error) {
        logger.warn(`history.json cannot be written: ${textOf(error)}`);
      }
    },
  };
}
