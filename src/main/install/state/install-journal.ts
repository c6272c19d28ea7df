import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../../files/json-store.ts';
import { syncDirectory } from '../../../files/write-atomic.ts';
import { systemCode } from '../../../shared/errors.ts';
import { artifactKinds, type ArtifactKind } from '../../../shared/artifact-kinds.ts';
import type { Logger } from '../../ports.ts';

/** An installation as it was, or as it shall be. */
export interface InstallSide {
  readonly version: string;
  /** What the hook sees installed then; absent for hooks that go by the version. */
  readonly mark?: string;
  /** The version of the app's data, when the publisher gives one. */
  readonly dataVersion?: number;
}

/** A process that runs the new version and has not confirmed it yet. */
interface UnconfirmedRun {
  readonly pid: number;
  /** Tells this start of the machine from others: after a reboot nothing is known of how the process ended. */
  readonly boot: string;
}

type InstallStep =
  'preparing' | 'replacing' | 'replaced' | 'handed-over' | 'started' | 'rolling-back' | 'rolled-back' | 'stuck';

/**
 * What an install was doing. It is a hint that recovery checks against what is installed: if that is neither `from` nor
 * `to` (a restored backup), or the machine is another one (a cloned disk), the journal is dropped.
 */
export interface InstallRecord {
  readonly schema: 1;
  /** Of this install, so that its watcher knows it again. */
  readonly id: string;
  readonly kind: ArtifactKind;
  readonly machine: string;
  /** Absolute path of what is replaced; absent for hooks that go by the version. */
  readonly path?: string;
  readonly from: InstallSide;
  readonly to: InstallSide;
  readonly step: InstallStep;
  /** Runs of the new version that ended abnormally before it confirmed. */
  readonly failures: number;
  readonly run?: UnconfirmedRun;
  /** The new version may have changed data so that the old one cannot read it. */
  readonly pastReturn: boolean;
  /** Why the new version was given up, for a person. */
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

/** `journal.json` in `directory`. A corrupt one is as if it were not there; one that cannot be read now is not. */
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
    // The watcher reads `"id": "…"` and `"pastReturn": true` in this very form.
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
 * The record, read synchronously: at the very start of the app, before anything asynchronous has a turn. `undefined` also
 * if it cannot be read; the recovery reads it again and reports that.
 */
export function readInstallRecordSync(directory: string): InstallRecord | undefined {
  try {
    return v.parse(schema, JSON.parse(readFileSync(journalPath(directory), 'utf8')));
  } catch {
    // No journal, in nearly every start.
    return undefined;
  }
}

function journalPath(directory: string): string {
  return join(directory, 'journal.json');
}

/** The record without the run that it speaks of. */
export function withoutRun(record: InstallRecord): InstallRecord {
  const { run: _run, ...rest } = record;
  return rest;
}
