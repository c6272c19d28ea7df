import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { systemCode, textOf, UpdateError } from '../shared/errors.ts';
import { type HandOverRequest, handOverFiles, parseHandOverRequest } from '../shared/native-package.ts';
import type { TrustedTarget } from '../shared/trusted-target.ts';
import { asCaller } from './as-caller.ts';

const blockBytes = 1024 * 1024;
const requestBytes = 4096;
/** The size limit of a file in bytes. The release index is the largest one. */
const metadataBytes = 16_000_000;
const allMetadataBytes = 128_000_000;
/** The limit on files. All roots are kept; this allows one a week for 75 years. */
const metadataFiles = 4_000;
const metadataDepth = 3;
const metadataName = /^[A-Za-z0-9][A-Za-z0-9._%!~*'()-]*$/;

/**
 * The handed-over files, read or opened once with the caller's rights. Swapping their names later has no effect.
 */
export interface HandOver {
  readonly request: HandOverRequest;
  /** Copies the signed metadata to one of the helper's own directories. */
  copyMetadata(to: string): void;
  /** Copies the artifact and hashes the written bytes. @throws UpdateError `INSTALL_VERIFY` if they are not the target's */
  copyArtifact(to: string, target: TrustedTarget): void;
  close(): void;
}

interface OpenFiles {
  readonly request: number | undefined;
  readonly artifact: number | undefined;
  /** Contents by name in the trust directory. There are too many files to keep them all open. */
  readonly metadata: ReadonlyMap<string, Buffer>;
}

/** Opens the handed-over files. @throws UpdateError `INSTALL_VERIFY` if they are incomplete or `uid` cannot read them */
export function openHandOver(directory: string, uid: number): HandOver {
  const files = asCaller(uid, () => openAll(directory));
  const close = (): void => closeAll(files.request, files.artifact);
  try {
    const descriptorOf = (name: 'request' | 'artifact'): number => {
      const found = files[name];
      if (found === undefined) throw refused(`${handOverFiles[name]} is missing`);
      return found;
    };
    const request = parseHandOverRequest(readUpTo(descriptorOf('request'), requestBytes).toString('utf8'));
    if (request === undefined) throw refused(`${handOverFiles.request} says nothing`);
    return {
      request,
      copyMetadata(to) {
        for (const [name, bytes] of files.metadata) {
          const path = join(to, name);
          mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
          writeNew(path, [bytes]);
        }
      },
      copyArtifact: (to, target) => {
        copyArtifact(descriptorOf('artifact'), to, target);
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function openAll(directory: string): OpenFiles {
  let [request, artifact]: (number | undefined)[] = [];
  try {
    if (!lstatSync(directory).isDirectory()) throw refused('it is not a directory');
    request = openRegular(join(directory, handOverFiles.request));
    artifact = openRegular(join(directory, handOverFiles.artifact));
    return { request, artifact, metadata: readMetadata(join(directory, handOverFiles.trust)) };
  } catch (error) {
    closeAll(request, artifact);
    throw error instanceof UpdateError ? error : refused(textOf(error), error);
  }
}

function closeAll(...descriptors: readonly (number | undefined)[]): void {
  for (const descriptor of descriptors) if (descriptor !== undefined) closeSync(descriptor);
}

function readMetadata(directory: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let total = 0;
  const addDirectory = (parent: string, depth: number): void => {
    for (const entry of readdirSync(join(directory, parent), { withFileTypes: true })) {
      if (!metadataName.test(entry.name)) continue;
      const name = join(parent, entry.name);
      if (entry.isDirectory() && depth < metadataDepth) addDirectory(name, depth + 1);
      const bytes = entry.isFile() ? readRegular(join(directory, name)) : undefined;
      if (bytes === undefined) continue;
      files.set(name, bytes);
      total += bytes.length;
      if (files.size > metadataFiles) throw refused(`it has more than ${metadataFiles} metadata files`);
      if (total > allMetadataBytes) throw refused(`its metadata has more than ${allMetadataBytes} bytes`);
    }
  };
  addDirectory('', 0);
  return files;
}

function readRegular(path: string): Buffer | undefined {
  const descriptor = openRegular(path);
  try {
    return descriptor === undefined ? undefined : readUpTo(descriptor, metadataBytes);
  } finally {
    closeAll(descriptor);
  }
}

/** Flags that refuse links and do not block on a pipe. */
function openRegular(path: string): number | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fstatSync(descriptor).isFile()) return descriptor;
    closeSync(descriptor);
    return undefined;
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

function readUpTo(descriptor: number, maxBytes: number): Buffer {
  const blocks = [...blocksOf(descriptor, maxBytes)].map((block) => Buffer.from(block));
  return Buffer.concat(blocks);
}

/** @throws UpdateError `INSTALL_VERIFY` if there are more bytes than allowed */
function* blocksOf(descriptor: number, maxBytes: number): Generator<Buffer> {
  const block = Buffer.allocUnsafe(blockBytes);
  for (let at = 0; ;) {
    const read = readSync(descriptor, block, 0, block.length, at);
    if (read === 0) return;
    at += read;
    if (at > maxBytes) throw refused('a file in it is longer than it may be');
    yield block.subarray(0, read);
  }
}

/** Hashes the bytes that it writes, so that exactly the signed bytes are installed. */
function copyArtifact(descriptor: number, to: string, target: TrustedTarget): void {
  const name = target.hashes.sha256 === undefined ? 'sha512' : 'sha256';
  const hash = createHash(name);
  let length = 0;
  writeNew(
    to,
    (function* () {
      for (const block of blocksOf(descriptor, target.length)) {
        hash.update(block);
        length += block.length;
        yield block;
      }
    })(),
  );
  if (length !== target.length || hash.digest('hex') !== target.hashes[name]) {
    throw refused('the package is not the one that was signed');
  }
}

function writeNew(path: string, blocks: Iterable<Uint8Array>): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (const block of blocks) {
      for (let done = 0; done < block.length;) done += writeSync(file, block, done);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refused(why: string, cause?: unknown): UpdateError {
  return new UpdateError(
    'INSTALL_VERIFY',
    `Nothing was installed, because the handed-over files cannot be used: ${why}. Check for updates again.`,
    { cause },
  );
}
