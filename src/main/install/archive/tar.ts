import { once } from 'node:events';
import type { ReadEntry } from 'tar';

import type { VerifiedFile } from '../../ports.ts';
import { type EntryKind, refused } from './entry.ts';
import type { ArchiveWriter } from './writer.ts';

const kinds: Readonly<Record<string, EntryKind>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  GNUDumpDir: 'directory',
  SymbolicLink: 'symlink',
};

/** Reads a tar, compressed or not, entry by entry. Treats the parser's warnings as errors. */
export async function unpackTar(file: VerifiedFile, writer: ArchiveWriter): Promise<void> {
  const { Parser } = await import('tar');
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let work = Promise.resolve();
  const parser = new Parser({
    strict: true,
    // The parser delivers the next entry once this one has been read completely.
    onReadEntry: (entry) => {
      work = work.then(() => addEntry(entry, writer, failure.promise));
      work.catch(failure.reject);
    },
  });
  parser.on('error', failure.reject);
  const end = once(parser, 'end');
  end.catch(() => undefined);
  try {
    for await (const block of file.blocks()) {
      if (!parser.write(Buffer.from(block))) await Promise.race([once(parser, 'drain'), failure.promise]);
    }
    parser.end();
    await Promise.race([end, failure.promise]);
    await work;
  } catch (error) {
    // Waits for the last write, because the caller removes the directory next.
    failure.reject(error);
    await work.catch(() => undefined);
    throw error;
  }
}

async function addEntry(entry: ReadEntry, writer: ArchiveWriter, failure: Promise<never>): Promise<void> {
  const kind = kinds[entry.type];
  if (kind === undefined) throw refused(entry.path, `it is a ${entry.type}`);
  const content = kind === 'symlink' ? textBlocks(entry.linkpath ?? '') : untilFailure(entry, failure);
  await writer.add(entry.path, kind, entry.mode ?? 0, content);
  entry.resume();
}

async function* textBlocks(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

/** The content, until the archive fails. */
async function* untilFailure(content: AsyncIterable<Uint8Array>, failure: Promise<never>): AsyncGenerator<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  for (;;) {
    const step = await Promise.race([iterator.next(), failure]);
    if (step.done === true) return;
    yield step.value;
  }
}
