import { createHash, randomBytes } from 'node:crypto';
import { constants, createReadStream, realpathSync } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';

import { JsonStore } from '../../files/json-store.ts';
import { syncDirectory, temporarySuffix } from '../../files/write-atomic.ts';
import { isDiskFull, systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { consistentName } from '../../shared/target-path.ts';
import { digestFile } from '../../files/hash-file.ts';
import type { ContentFile, ContentSource, ContentStore } from './content-store.ts';

/** The web server may run as another user, so every user can read the content. */
const readable = 0o644;
/** Milliseconds after which another machine's temporary file counts as abandoned. */
const abandonedMs = 24 * 3_600_000;
/** The file system has no hard links, or the two paths are on different file systems. */
const noLinkCodes: readonly string[] = ['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EXDEV'];

/** A content directory, and the run that writes to it. */
interface Place {
  readonly root: string;
  readonly run: Run;
}

/** A random id, because machines may share a host name and the path of their state directory, as containers do. */
interface Run {
  /** 12 hex digits that prefix the names of this run's temporary files. */
  readonly id: string;
  /** The ids of earlier runs with the same state directory. */
  readonly earlier: readonly string[];
}

const runSchema: v.GenericSchema<unknown, readonly string[]> = v.array(v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/)));
/** The number of runs that are remembered. What older ones left is removed after a day. */
const mostRuns = 64;

/**
 * Creates a content store in a directory that a web server serves or that is copied to one. Publishers on other machines
 * may share the directory. On this machine, the caller must hold the publisher's lock.
 * @param stateDirectory distinguishes this publisher's temporary files from those of others
 */
export function createDirectoryStore(directory: string, stateDirectory: string): ContentStore {
  const root = canonicalPath(resolve(directory));
  let begun: Promise<Run> | undefined;
  return {
    id: root,
    put: async (file, source, { plainName = false, onBytes } = {}) =>
      asContent(root, async () => {
        const place = { root, run: await (begun ??= beginRun(stateDirectory)) };
        const { plain, stored } = pathsOf(place, file);
        await mkdir(dirname(stored), { recursive: true });
        await removeLeftOvers(place, dirname(stored));
        await (plainName
          ? putNamed(place, file, source, { plain, stored }, onBytes)
          : putHashed(place, file, source, stored, onBytes));
        await syncDirectory(dirname(stored));
      }),
    has: async (file) => asContent(root, async () => (await locate({ root }, file)) !== undefined),
    fetchTo: async (file, localPath) =>
      asContent(root, async () => {
        const found = await locate({ root }, file);
        if (found === undefined) return false;
        await linkOrCopy(found, localPath);
        return true;
      }),
  };
}

interface StoredPaths {
  readonly plain: string;
  readonly stored: string;
}

function pathsOf({ root }: Pick<Place, 'root'>, file: ContentFile): StoredPaths {
  const at = (path: string): string => join(root, ...path.split('/'));
  return { plain: at(file.path), stored: at(consistentName(file.path, file.sha256)) };
}

async function putHashed(
  place: Place,
  file: ContentFile,
  source: ContentSource,
  stored: string,
  onBytes?: (count: number) => void,
): Promise<void> {
  if ((await hashOf(stored)) === file.sha256) onBytes?.(file.length);
  else await writeVerified(place, source, stored, file, onBytes);
}

async function putNamed(
  place: Place,
  file: ContentFile,
  source: ContentSource,
  { plain, stored }: StoredPaths,
  onBytes?: (count: number) => void,
): Promise<void> {
  const plainHash = await hashOf(plain);
  if (plainHash !== undefined && plainHash !== file.sha256) throw otherBytes(plain, file);
  const isStored = plainHash !== undefined && (await isSameFile(plain, stored));
  if (isStored) onBytes?.(file.length);
  else await putHashed(place, file, source, stored, onBytes);
  if (plainHash === undefined) await giveName(place, stored, plain, file);
}

async function locate(place: Pick<Place, 'root'>, file: ContentFile): Promise<string | undefined> {
  const { plain, stored } = pathsOf(place, file);
  for (const path of [stored, plain]) {
    const facts = await stat(path).catch(absent);
    if (facts?.isFile() === true && facts.size === file.length) return path;
  }
  return undefined;
}

async function beginRun(stateDirectory: string): Promise<Run> {
  const path = join(stateDirectory, 'store-runs.json');
  // If a run is forgotten, its files stay for a day.
  const store = new JsonStore({ path, schema: runSchema, empty: [], logger: { warn: () => {} } });
  const earlier = await store.read();
  const id = randomBytes(6).toString('hex');
  await store.write([...earlier, id].slice(-mostRuns));
  return { id, earlier };
}

/** Removes what killed runs with this state directory left half-written, and files no machine has touched for a day. */
async function removeLeftOvers({ run }: Place, directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^\.[0-9a-f]{12}(-[0-9a-f]{12})?\.tmp$/.test(name)) continue;
    const path = join(directory, name);
    const isOwn = run.earlier.some((id) => name.startsWith(`.${id}-`));
    const facts = isOwn ? undefined : await stat(path).catch(absent);
    const isAbandoned = facts !== undefined && facts.mtimeMs + abandonedMs < Date.now();
    if (isOwn || isAbandoned) await rm(path, { force: true });
  }
}

/** Hashes a stored file, because it may be damaged. `undefined` when there is none. */
async function hashOf(path: string): Promise<string | undefined> {
  try {
    return (await digestFile(path)).sha256;
  } catch (error) {
    return absent(error);
  }
}

function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([
    stat(one, { bigint: true }).catch(absent),
    stat(other, { bigint: true }).catch(absent),
  ]);
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

/** Hashes the bytes while writing them, so a source that changed after it was described is never stored. */
async function writeVerified(
  { run }: Place,
  source: ContentSource,
  to: string,
  file: ContentFile,
  onBytes?: (count: number) => void,
): Promise<void> {
  const temporary = join(dirname(to), `.${run.id}-${randomBytes(6).toString('hex')}${temporarySuffix}`);
  const hash = createHash('sha256');
  try {
    const target = await open(temporary, 'wx', readable);
    try {
      for await (const chunk of blocksOf(source)) {
        hash.update(chunk);
        await target.writeFile(chunk);
        onBytes?.(chunk.length);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    if (hash.digest('hex') !== file.sha256) throw changedSource(source, file);
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function blocksOf(source: ContentSource): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  return typeof source === 'string'
    ? (createReadStream(source, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>)
    : [source];
}

/** Makes a hard link, which costs no space, or a copy if the file system has no hard links. */
async function giveName(place: Place, stored: string, plain: string, file: ContentFile): Promise<void> {
  try {
    await link(stored, plain);
  } catch (error) {
    // Another publisher has just stored the same bytes.
    if (systemCode(error) === 'EEXIST' && (await hashOf(plain)) === file.sha256) return;
    if (!noLinkCodes.includes(systemCode(error) ?? '')) throw error;
    await writeVerified(place, stored, plain, file);
  }
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await rm(to, { force: true });
    await link(from, to);
  } catch (error) {
    if (!noLinkCodes.includes(systemCode(error) ?? '')) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}

/** Resolves symbolic links, so each directory has one path. Parts that do not exist yet stay as they are. */
function canonicalPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) return path;
    return join(canonicalPath(dirname(path)), basename(path));
  }
}

async function asContent<T>(root: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const hint = isDiskFull(error) ? 'Free some disk space' : 'Check that it exists and can be written';
    throw new UpdateError(
      'PUBLISH_CONTENT',
      `The content directory ${root} cannot be used: ${textOf(error)}. ${hint}, then run the same command again.`,
      { cause: error },
    );
  }
}

function changedSource(source: ContentSource, file: ContentFile): UpdateError {
  const name = typeof source === 'string' ? source : file.path;
  return new UpdateError(
    'PUBLISH_INPUT',
    `${name} changed while it was being published. Let the build finish, then publish again.`,
  );
}

function otherBytes(plain: string, file: ContentFile): UpdateError {
  return new UpdateError(
    'PUBLISH_IMMUTABLE',
    `${plain} holds other bytes than the file to publish. A published file never changes: build a new version.`,
    { details: { path: file.path } },
  );
}
