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
const metadataBytes = 16_000_000;
const metadataFiles = 256;
const metadataDepth = 3;
const metadataName = /^[A-Za-z0-9][A-Za-z0-9._%!~*'()-]*$/;

/** What the caller handed over, opened once with the caller's rights: names that are swapped later change nothing. */
export interface HandOver {
  readonly request: HandOverRequest;
  /** Copies the signed metadata to a directory of root's own. */
  copyMetadata(to: string): void;
  /** Copies the artifact, hashing what is written. @throws UpdateError `INSTALL_VERIFY` when it is not the target's bytes */
  copyArtifact(to: string, target: TrustedTarget): void;
  close(): void;
}

interface OpenFile {
  readonly name: string;
  readonly descriptor: number;
}

/** @throws UpdateError `INSTALL_VERIFY` when the directory does not hold a hand-over that `uid` could read */
export function openHandOver(directory: string, uid: number): HandOver {
  const files = asCaller(uid, () => openAll(directory));
  const close = (): void => files.forEach(({ descriptor }) => closeSync(descriptor));
  try {
    const descriptorOf = (name: string): number => {
      const found = files.find((file) => file.name === name);
      if (found === undefined) throw refused(`${name} is missing`);
      return found.descriptor;
    };
    const request = parseHandOverRequest(readUpTo(descriptorOf(handOverFiles.request), requestBytes).toString('utf8'));
    if (request === undefined) throw refused(`${handOverFiles.request} says nothing`);
    return {
      request,
      copyMetadata(to) {
        for (const { name, descriptor } of files.filter((file) => file.name.startsWith(`${handOverFiles.trust}/`))) {
          const path = join(to, name.slice(handOverFiles.trust.length + 1));
          mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
          writeNew(path, [readUpTo(descriptor, metadataBytes)]);
        }
      },
      copyArtifact: (to, target) => copyArtifact(descriptorOf(handOverFiles.artifact), to, target),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function openAll(directory: string): readonly OpenFile[] {
  const files: OpenFile[] = [];
  const add = (name: string): void => {
    const descriptor = openRegular(join(directory, name));
    if (descriptor !== undefined) files.push({ name, descriptor });
  };
  const addDirectory = (name: string, depth: number): void => {
    for (const entry of readdirSync(join(directory, name), { withFileTypes: true })) {
      const path = `${name}/${entry.name}`;
      if (!metadataName.test(entry.name) || files.length > metadataFiles) continue;
      if (entry.isDirectory() && depth < metadataDepth) addDirectory(path, depth + 1);
      else if (entry.isFile()) add(path);
    }
  };
  try {
    if (!lstatSync(directory).isDirectory()) throw refused('it is not a directory');
    add(handOverFiles.request);
    add(handOverFiles.artifact);
    addDirectory(handOverFiles.trust, 0);
    return files;
  } catch (error) {
    files.forEach(({ descriptor }) => closeSync(descriptor));
    throw error instanceof UpdateError ? error : refused(textOf(error), error);
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
    `Nothing was installed: what was handed over can not be used: ${why}. Check for updates again.`,
    { cause },
  );
}
