import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { textOf, UpdateError } from '../../shared/errors.ts';
import { temporarySuffix, writeAtomic } from '../../files/write-atomic.ts';
import { delegatedRoleNames } from '../tuf/delegation.ts';
import { decodeRole, readDelegated, readRoot, readSnapshot, readTimestamp, readTopTargets } from '../tuf/read.ts';
import type { SignedRole } from '../tuf/sign.ts';
import type { DelegatedState, RepositoryState, RootState } from '../tuf/state.ts';
import type { MetadataFile } from '../tuf/sign-changes.ts';
import { type Journal, journalSchema } from './journal.ts';

/** The paths in a repository's directory. */
export interface Places {
  readonly directory: string;
  readonly lock: string;
  readonly journal: string;
  readonly metadata: string;
  /** The directory that `/targets/` serves. Publishers copy artifacts here. */
  readonly content: string;
  readonly keys: string;
}

export function placesIn(directory: string): Places {
  return {
    directory,
    lock: join(directory, 'lock'),
    journal: join(directory, 'repository.json'),
    metadata: join(directory, 'metadata'),
    content: join(directory, 'content'),
    keys: join(directory, 'development-keys'),
  };
}

/** Creates the directories, and removes temporary files of interrupted writes. */
export async function prepareDirectories(places: Places, { keys }: { readonly keys: boolean }): Promise<void> {
  for (const directory of [places.directory, places.metadata, places.content])
    await mkdir(directory, { recursive: true });
  if (keys) await mkdir(places.keys, { recursive: true, mode: 0o700 });
  for (const directory of [places.directory, places.metadata, ...(keys ? [places.keys] : [])]) {
    const leftovers = (await readdir(directory)).filter((name) => name.endsWith(temporarySuffix));
    await Promise.all(leftovers.map(async (name) => rm(join(directory, name), { force: true })));
  }
}

/** Reads the journal; `undefined` if the directory is new. @throws UpdateError `REPOSITORY_STATE` */
export async function readRepositoryJournal(places: Places): Promise<Journal | undefined> {
  const text = await ifThere(readFile(places.journal, 'utf8'));
  if (text === undefined) return undefined;
  return readable(places.journal, () => v.parse(journalSchema, JSON.parse(text)));
}

export async function writeJournal(places: Places, journal: Journal): Promise<void> {
  await writeAtomic(places.journal, `${JSON.stringify(journal)}\n`);
}

/** The number of files to write concurrently if their order does not matter. */
const parallelWrites = 16;

/**
 * Writes metadata files in an order in which every file that a reader sees names only existing files: root first, then
 * delegated roles and targets in any order, then snapshot, then timestamp.
 */
export async function writeMetadata(
  places: Places,
  files: readonly MetadataFile[],
  assertHeld: () => void,
): Promise<void> {
  const write = async (file: MetadataFile): Promise<void> =>
    writeAtomic(join(places.metadata, file.name), file.bytes, { mode: 0o644, beforeRename: assertHeld });
  const stages = [/\.root\.json$/, /./, /\.snapshot\.json$/, /^timestamp\.json$/];
  const stageOf = ({ name }: MetadataFile): number => stages.findLastIndex((pattern) => pattern.test(name));
  for (const stage of stages.keys()) {
    const now = files.filter((file) => stageOf(file) === stage);
    for (let start = 0; start < now.length; start += parallelWrites) {
      await Promise.all(now.slice(start, start + parallelWrites).map(write));
    }
  }
}

/** The newest root on disk, or `undefined`. */
export async function readLatestRoot(places: Places): Promise<RootState | undefined> {
  let latest: RootState | undefined;
  for (;;) {
    const next: SignedRole | undefined = await readRole(places, `${(latest?.version ?? 0) + 1}.root.json`);
    if (next === undefined) return latest;
    latest = readable(places.metadata, () => readRoot(next));
  }
}

/** The state that the timestamp on disk refers to; `undefined` if there is no timestamp yet. */
export async function readState(
  places: Places,
  root: RootState,
): Promise<{ readonly state: RepositoryState; readonly timestamp: SignedRole } | undefined> {
  const timestampFile = await readRole(places, 'timestamp.json');
  if (timestampFile === undefined) return undefined;
  const { snapshotVersion, ...timestamp } = readable(places.metadata, () => readTimestamp(timestampFile));
  const { versions, ...snapshot } = readSnapshot(await needRole(places, `${snapshotVersion}.snapshot.json`));
  const targets = readTopTargets(await needRole(places, `${versions.get('targets')}.targets.json`));
  const delegated = new Map<string, DelegatedState>();
  for (const name of delegatedRoleNames(targets.delegation)) {
    delegated.set(name, readDelegated(await needRole(places, `${versions.get(name)}.${name}.json`)));
  }
  return { state: { root, timestamp, snapshot, targets, delegated }, timestamp: timestampFile };
}

export async function needRole(places: Places, name: string): Promise<SignedRole> {
  const role = await readRole(places, name);
  if (role !== undefined) return role;
  throw new UpdateError(
    'REPOSITORY_STATE',
    `${join(places.metadata, name)} is missing, though other metadata names it. Put it back, or remove ${places.directory} to begin anew.`,
  );
}

async function readRole(places: Places, name: string): Promise<SignedRole | undefined> {
  const path = join(places.metadata, name);
  const bytes = await ifThere(readFile(path));
  return bytes === undefined ? undefined : readable(path, () => decodeRole(bytes));
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UpdateError(
      'REPOSITORY_STATE',
      `${path} cannot be read: ${textOf(error)}. Put the file back, or remove the whole directory to begin anew.`,
      { cause: error },
    );
  }
}
