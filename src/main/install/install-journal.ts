import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { syncDirectory, writeAtomic } from '../../files/write-atomic.ts';
import { systemCode, textOf } from '../../shared/errors.ts';
import { artifactKinds, type ArtifactKind } from '../../shared/release-index.ts';
import type { Logger } from '../ports.ts';

/** A file as it was, or as it shall be. */
export interface FileState {
  readonly version: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * What an install was doing. It is a hint that recovery checks against the installed file: if that is neither `from`
 * nor `to` (a restored backup, a cloned disk), the journal is dropped.
 */
export interface InstallRecord {
  readonly schema: 1;
  readonly kind: ArtifactKind;
  /** Absolute path of what is replaced. */
  readonly path: string;
  readonly from: FileState;
  readonly to: FileState;
  readonly step: 'replacing' | 'replaced' | 'started';
  /** How often the new version was started and did not confirm. */
  readonly starts: number;
}

export interface InstallJournal {
  read(): Promise<InstallRecord | undefined>;
  write(record: InstallRecord): Promise<void>;
  clear(): Promise<void>;
}

const fileState = v.object({ version: v.string(), sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });
const schema: v.GenericSchema<unknown, InstallRecord> = v.object({
  schema: v.literal(1),
  kind: v.picklist(artifactKinds),
  path: v.string(),
  from: fileState,
  to: fileState,
  step: v.picklist(['replacing', 'replaced', 'started']),
  starts: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** `journal.json` in `directory`. A corrupt one is as if it were not there. */
export function openInstallJournal(directory: string, logger: Logger): InstallJournal {
  const path = join(directory, 'journal.json');
  return {
    async read() {
      try {
        const parsed = v.safeParse(schema, JSON.parse(await readFile(path, 'utf8')));
        if (parsed.success) return parsed.output;
        logger.warn('install: journal.json is not valid and is dropped');
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') logger.warn(`install: journal.json can not be read: ${textOf(error)}`);
      }
      return undefined;
    },
    write: (record) => writeAtomic(path, `${JSON.stringify(record, undefined, 2)}\n`),
    async clear() {
      await rm(path, { force: true });
      await syncDirectory(directory);
    },
  };
}
