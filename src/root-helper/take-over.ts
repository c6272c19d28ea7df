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
/** Of one file: the release index is the largest. */
const metadataBytes = 16_000_000;
const allMetadataBytes = 128_000_000;
/** Every root is kept: one a week for 75 years. */
const metadataFiles = 4_000;
const metadataDepth = 3;
const metadataName = /^[A-Za-z0-9][A-Za-z0-9._%!~*'()-]*$/;

/**
 * What the caller handed over, read or opened once with the caller's rights: names that are swapped later change nothing.
 */
export interface HandOver {
  readonly request: HandOverRequest;
  /** Copies the signed metadata to a directory of root's own. */
  copyMetadata(to: string): void;
  /** Copies the artifact, hashing what is written. @throws UpdateError `INSTALL_VERIFY` when it is not the target's bytes */
  copyArtifact(to: string, target: TrustedTarget): void;
  close(): void;
}

interface OpenFiles {
  readonly request: number | undefined;
  readonly artifact: number | undefined;
  /** Contents, by names below the trust directory: too many files to hold them all open. */
  readonly metadata: ReadonlyMap<string, Buffer>;
}

/** @throws UpdateError `INSTALL_VERIFY` when the directory does not hold a hand-over that `uid` could read */
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

/** No links, and no pipe that never answers. */
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

/** @throws UpdateError `INSTALL_VERIFY` when there are more bytes than allowed */
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

/** Hashes what is written: the bytes that are installed are the bytes that were signed. */
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
    `Nothing was installed: what was handed over cannot be used: ${why}. Check for updates again.`,
    { cause },
  );
}
