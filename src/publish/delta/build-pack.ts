import { readFile, writeFile } from 'node:fs/promises';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { type ChunkIndex, encodeChunkIndex, parseChunkIndex } from '../../shared/chunks/chunk-index.ts';
import { chunkIndexPath, type ChunksCustom, packPath } from '../../shared/delta-files.ts';
import type { Artifact } from '../../shared/release-index.ts';
import { writePack } from './pack/write-pack.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import { changedMeanwhile, signedFile } from './describe-file.ts';
import type { DeltaJob } from './delta-job.ts';

/** A chunk index, its file, and the pack that it describes. */
export interface Packed {
  readonly index: ChunkIndex;
  readonly chunks: PlannedFile;
  readonly pack: PlannedFile;
}

/**
 * The chunk index and the pack of an artifact: the published ones, or else new ones. `undefined`, with a note, if an index
 * is signed but its files are lost and cannot be reproduced.
 */
export async function buildPack(job: DeltaJob, notes: string[]): Promise<Packed | undefined> {
  const { artifact, published } = job;
  const signed = await published.signed(chunkIndexPath(artifact.path), chunksCustom(job));
  if (signed?.file !== undefined) {
    const index = parseChunkIndex(await readFile(signed.file.source));
    const source = await published.stored({ path: packPath(artifact.path), ...index.pack });
    if (source !== undefined && index.artifact.sha256 === artifact.sha256)
      return { index, chunks: signed.file, pack: packFile(artifact, index, source) };
  }
  const made = await makePack(job);
  if (signed === undefined || signed.sha256 === made.chunks.entry.sha256) return made;
  notes.push(
    `${artifact.path} has a signed chunk index, but its files are lost and cannot be reproduced, so apps download the whole file. Restore the files, or publish a new version.`,
  );
  return undefined;
}

async function makePack(job: DeltaJob): Promise<Packed> {
  const { artifact, source, quality, signal } = job;
  const [pack, chunks] = [job.workFile('pack'), job.workFile('chunks')];
  const index = await writePack({
    artifact: source,
    to: pack,
    quality,
    ...omitUndefined({ signal, onProgress: job.onPacked }),
  });
  if (index.artifact.sha256 !== artifact.sha256) throw changedMeanwhile(source);
  await writeFile(chunks, encodeChunkIndex(index));
  return {
    index,
    chunks: await signedFile(chunks, chunkIndexPath(artifact.path), chunksCustom(job)),
    pack: packFile(artifact, index, pack),
  };
}

/** The pack is not registered, because the signed index contains its hash. */
function packFile(artifact: Artifact, { pack }: ChunkIndex, source: string): PlannedFile {
  return { source, entry: { path: packPath(artifact.path), ...pack }, registration: undefined, alsoPlainName: false };
}

function chunksCustom({ owner }: DeltaJob): Readonly<Record<string, unknown>> {
  return { ...owner, role: 'chunks' } satisfies ChunksCustom;
}
