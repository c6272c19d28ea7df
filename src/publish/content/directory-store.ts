import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { syncDirectory, temporarySuffix, writeAtomic } from '../../files/write-atomic.ts';
import { systemCode, textOf, UpdateError } from '../../shared/errors.ts';
import { consistentName } from '../../shared/target-path.ts';
import { digestFile } from '../../files/hash-file.ts';
import type { ContentFile, ContentStore } from './content-store.ts';

/** Web servers run as another user: content is readable by all. */
const readable = 0o644;

/**
 * A content store in a directory that a web server serves, or that is synchronised to one. One writer at a time: the
 * caller holds a lock.
 */
export function createDirectoryStore(root: string): ContentStore {
  const at = (path: string): string => join(root, ...path.split('/'));
  return {
    async putArtifact(file, source, onBytes) {
      const plain = at(file.path);
      const stored = at(consistentName(file.path, file.sha256));
      await asContent(root, async () => {
        await mkdir(dirname(stored), { recursive: true });
        await removeLeftOvers(dirname(stored));
        const plainHash = await hashOf(plain);
        if (plainHash !== undefined && plainHash !== file.sha256) throw otherBytes(plain, file);
        const complete =
          (plainHash !== undefined && (await isSameFile(plain, stored))) || (await hashOf(stored)) === file.sha256;
        if (complete) onBytes?.(file.length);
        else await copyVerified(source, stored, file, onBytes);
        if (plainHash === undefined) await giveName(stored, plain, file);
        await syncDirectory(dirname(stored));
      });
    },
    async putByHash(file, source, onBytes) {
      const stored = at(consistentName(file.path, file.sha256));
      await asContent(root, async () => {
        await mkdir(dirname(stored), { recursive: true });
        if ((await hashOf(stored)) === file.sha256) return onBytes?.(file.length);
        await copyVerified(source, stored, file, onBytes);
        await syncDirectory(dirname(stored));
      });
    },
    async find(file) {
      for (const name of [consistentName(file.path, file.sha256), file.path]) {
        const facts = await stat(at(name)).catch(absent);
        if (facts?.isFile() === true && facts.size === file.length) return at(name);
      }
      return undefined;
    },
    async putIndex(file, bytes) {
      const stored = at(consistentName(file.path, file.sha256));
      await asContent(root, async () => {
        await mkdir(dirname(stored), { recursive: true });
        await writeAtomic(stored, bytes, { mode: readable });
      });
    },
  };
}

/** What a killed run left half-written. */
async function removeLeftOvers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (/^\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(join(directory, name));
  }
}

/** Bytes that are there are hashed, never believed: a damaged file is written again. */
async function hashOf(path: string): Promise<string | undefined> {
  try {
    return (await digestFile(path)).sha256;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function absent(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([stat(one, { bigint: true }), stat(other, { bigint: true })]);
    return first.dev === second.dev && first.ino === second.ino;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Hashes what is written, so that a source which changed after it was described is never stored. */
async function copyVerified(
  source: string,
  to: string,
  file: ContentFile,
  onBytes?: (count: number) => void,
): Promise<void> {
  const temporary = join(dirname(to), `.${randomBytes(6).toString('hex')}${temporarySuffix}`);
  const hash = createHash('sha256');
  try {
    const target = await open(temporary, 'wx', readable);
    try {
      for await (const chunk of createReadStream(source, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        await target.writeFile(chunk);
        onBytes?.(chunk.length);
      }
      await target.sync();
    } finally {
      await target.close();
    }
    if (hash.digest('hex') !== file.sha256) {
      throw new UpdateError(
        'PUBLISH_INPUT',
        `${source} changed while it was being published. Let the build finish, then publish again.`,
      );
    }
    await rename(temporary, to);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A hard link costs no space; where the file system has none, a copy. */
async function giveName(stored: string, plain: string, file: ContentFile): Promise<void> {
  try {
    await link(stored, plain);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(systemCode(error) ?? '')) throw error;
    await copyVerified(stored, plain, file);
  }
}

async function asContent(root: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UpdateError) throw error;
    const hint = systemCode(error) === 'ENOSPC' ? 'Free some disk space' : 'Check that it is there and may be written';
    throw new UpdateError(
      'PUBLISH_CONTENT',
      `The content directory ${root} cannot be used: ${textOf(error)}. ${hint}, then run the same command again.`,
      {
        cause: error,
      },
    );
  }
}

function otherBytes(plain: string, file: ContentFile): UpdateError {
  return new UpdateError(
    'PUBLISH_IMMUTABLE',
    `${plain} holds other bytes than the file to publish. A published file never changes: build a new version.`,
    { details: { path: file.path } },
  );
}
