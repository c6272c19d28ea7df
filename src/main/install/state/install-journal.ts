import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode } from '../../../shared/errors.ts';
import { artifactKinds, type ArtifactKind } from '../../../shared/artifact-kinds.ts';
import type { Logger } from '../../ports.ts';

/** The installed app before or after an install. */
export interface InstallSide {
  readonly version: string;
  /** The fingerprint that the hook returns; absent for hooks that cannot inspect the installed app. */
  readonly mark?: string;
  /** The version of the app's data, if the publisher gives one. */
  readonly dataVersion?: number;
}

/** A process that runs the new version and has not yet confirmed it. */
interface UnconfirmedRun {
  readonly pid: number;
  /** Identifies the boot of the machine. After a reboot, nothing is known about how the process ended. */
  readonly boot: string;
}

type InstallStep =
  'preparing' | 'replacing' | 'replaced' | 'handed-over' | 'started' | 'rolling-back' | 'rolled-back' | 'stuck';

/**
 * The progress of an install. Recovery compares it with the installed app. It discards the journal if the app is neither
 * `from` nor `to` (a restored backup) or if the machine differs (a cloned disk).
 */
export interface InstallRecord {
  readonly schema: 1;
  /** Identifies this install for its watchdog. */
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly machine: string;
  /** Absolute path of the file or link that is replaced; absent for hooks that cannot inspect the installed app. */
  readonly path?: string;
  readonly from: InstallSide;
  readonly to: InstallSide;
  readonly step: InstallStep;
  /** Number of runs of the new version that ended abnormally before it was confirmed. */
  readonly failures: number;
  readonly run?: UnconfirmedRun;
  /** True if the new version may have changed data so that the old one cannot read it. */
  readonly pastReturn: boolean;
  /** Why the new version was given up. Text for a person. */
  readonly reason?: string;
}

export interface InstallJournal {
  read(): Promise<InstallRecord | undefined>;
  write(record: InstallRecord): Promise<void>;
  clear(): Promise<void>;
}

const side = v.object({
  version: v.string(),
  mark: v.exactOptional(v.string()),
  dataVersion: v.exactOptional(v.number()),
});
const schema: v.GenericSchema<unknown, InstallRecord> = v.object({
  schema: v.literal(1),
  id: v.string(),
  kind: v.picklist(artifactKinds),
  machine: v.string(),
  path: v.exactOptional(v.string()),
  from: side,
  to: side,
  step: v.picklist([
    'preparing',
    'replacing',
    'replaced',
    'handed-over',
    'started',
    'rolling-back',
    'rolled-back',
    'stuck',
  ]),
  failures: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  run: v.exactOptional(v.object({ pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)), boot: v.string() })),
  pastReturn: v.boolean(),
  reason: v.exactOptional(v.string()),
});

/** Opens `journal.json` in `directory`. A corrupt file counts as missing. A file that cannot be read is an error. */
export function openInstallJournal(directory: string, logger: Logger): InstallJournal {
  const path = journalPath(directory);
  const store = new JsonStore<InstallRecord | undefined>({ path, schema, empty: undefined, logger });
  return {
    async read() {
      try {
        return await store.load();
      } catch (error) {
        if (systemCode(error) === 'EISDIR') return undefined;
        throw error;
      }
    },
    // The watchdog script looks for the exact text `"id": "…"` and `"pastReturn": true`.
    write: (record) => store.save(record),
    async clear() {
      try {
        await rm(path);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return;
        throw error;
      }
      await syncDirectory(directory);
    },
  };
}

/**
 * Reads the record synchronously, for the start of the app before any asynchronous work. Returns `undefined` also if it
 * cannot be read. Recovery reads it again and reports the error.
 */
export function readInstallRecordSync(directory: string): InstallRecord | undefined {
  try {
    return v.parse(schema, JSON.parse(readFileSync(journalPath(directory), 'utf8')));
  } catch {
    // Most starts have no journal.
    return undefined;
  }
}

/** Is there a journal, whatever it says? */
export function hasInstallJournal(directory: string): boolean {
  return existsSync(journalPath(directory));
}

function journalPath(directory: string): string {
  return join(directory, 'journal.json');
}

/** True if the new version was put in place and has not yet been confirmed: the watchdog may wait for its start. */
export function awaitsConfirmation({ step }: InstallRecord): boolean {
  return step === 'replaced' || step === 'started';
}

/** The record without its unconfirmed run. */
export function withoutRun(record: InstallRecord): InstallRecord {
  const { run: _run, ...rest } = record;
  return rest;
}
