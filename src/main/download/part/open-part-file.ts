import type { Stats } from 'node:fs';
import { constants, type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { systemCode } from '../../../shared/errors.ts';
import { parseJournal, type PartBlock, type PartIdentity, type PartJournal } from './part-journal.ts';
import { PartFile, type PartPaths } from './part-file.ts';
import { readFully } from '../../../files/read-write-fully.ts';

/** Larger journals are ignored, because the client never writes one. In bytes. */
const maxJournalBytes = 64 * 1024 * 1024;

/**
 * Opens a part without trusting it: every block in the journal is read and checked before it counts. `onChecked`
 * receives the number of valid bytes so far.
 */
export async function openPartFile(
  paths: PartPaths,
  identity: PartIdentity,
  onChecked: (bytes: number) => void,
  signal: AbortSignal,
): Promise<PartFile> {
  const journal = await readPartJournal(paths.journal, identity);
  const data = await openPrivately(paths.part);
  try {
    const part = new PartFile(paths, identity, data);
    const blocks = await validBlocks(data, part, journal?.blocks ?? [], onChecked, signal);
    if (blocks.length === 0) await data.truncate(0);
    await part.replaceJournal({ sources: journal?.sources ?? [], blocks });
    return part;
  } catch (error) {
    await data.close();
    throw error;
  }
}

async function validBlocks(
  data: FileHandle,
  part: PartFile,
  blocks: readonly PartBlock[],
  onChecked: (bytes: number) => void,
  signal: AbortSignal,
): Promise<PartBlock[]> {
  const valid: PartBlock[] = [];
  const { size } = await data.stat();
  const buffer = Buffer.allocUnsafe(blocks.reduce((most, { start: at, end }) => Math.max(most, end - at), 0));
  let checked = 0;
  for (const block of [...blocks].sort((a, b) => a.start - b.start)) {
    signal.throwIfAborted();
    if (block.end > size) continue;
    const bytes = buffer.subarray(0, block.end - block.start);
    await readFully(data, bytes, block.start);
    if (crc32(bytes) !== block.crc32) continue;
    valid.push(block);
    part.hash.appendIfContiguous(block.start, [bytes]);
    onChecked((checked += bytes.length));
  }
  return valid;
}

/** The content of a part's journal, if it belongs to this file. */
export async function readPartJournal(path: string, identity: PartIdentity): Promise<PartJournal | undefined> {
  const facts = await stat(path).catch(absent);
  if (facts === undefined || !facts.isFile() || facts.size > maxJournalBytes) return undefined;
  const text = await readFile(path, 'utf8').catch(absent);
  return text === undefined ? undefined : parseJournal(text, identity);
}

/**
 * Opens a regular file that has no other name and that only this user can read or write. Anything else that another
 * user may have planted there, such as a link or a file of theirs, is removed and never written to: its owner could
 * hold it open and change it later.
 */
async function openPrivately(path: string): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = await open(path, flags, 0o600).catch((error: unknown) => {
    if (systemCode(error) === 'ELOOP') return undefined;
    throw error;
  });
  if (file !== undefined) {
    if (isPrivate(await file.stat())) return file;
    await file.close();
  }
  await rm(path, { force: true });
  return open(path, flags | constants.O_EXCL, 0o600);
}

/** Windows has no such mode bits. There the directory's permissions protect the file. */
function isPrivate(facts: Stats): boolean {
  const isOurs = process.getuid === undefined || (facts.uid === process.getuid() && (facts.mode & 0o077) === 0);
  return facts.isFile() && facts.nlink === 1 && isOurs;
}

/** A missing or unreadable journal counts as no journal, and everything is fetched again. */
function absent(): undefined {
  return undefined;
}
