import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { encodeChunkIndex } from '../../shared/chunks/chunk-index.ts';
import { chunkIndexPath, type DeltaOwner, packPath, patchPath } from '../../shared/delta-files.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Artifact } from '../../shared/release-index.ts';
import { digestFile } from '../build/digest.ts';
import { writePack } from '../pack/write-pack.ts';
import { makePatch } from '../patch/make-patch.ts';
import type { PlannedFile } from '../plan.ts';
import { type ArtifactDelta, isCompressedInside } from './artifact-delta.ts';
import type { Base } from './bases.ts';
import { chunkBytesFrom } from './chunk-bytes.ts';

export interface DeltaJob {
  readonly artifact: Artifact;
  readonly owner: DeltaOwner;
  /** The artifact on this machine. */
  readonly source: string;
  /** Newest first. */
  readonly bases: readonly Base[];
  /** Directory for the files that are made. */
  readonly work: string;
  /** Brotli quality of the pack, 0 to 11. */
  readonly quality: number;
  readonly signal?: AbortSignal;
  /** Bytes of the artifact that are packed. */
  readonly onPacked?: (bytes: number) => void;
  /** Patches that are made or given up. */
  readonly onPatch?: (done: number) => void;
}

/** Patches are small: they take a higher quality in little time. */
const patchQuality = 9;

/**
 * A patch that spares less than a quarter of what chunks transfer is not given out: chunks are put in place while they
 * come in, a patch afterwards, and two apps that have little in common make one of very many steps.
 */
const worthwhileShare = 0.75;

/** Makes the chunk index, the pack and the patches of an artifact. */
export async function makeDelta(job: DeltaJob): Promise<ArtifactDelta> {
  const { artifact, source, quality, signal } = job;
  const aborting = signal === undefined ? {} : { signal };
  const name = (suffix: string): string => join(job.work, `${artifact.sha256}.${suffix}`);
  const index = await writePack({
    artifact: source,
    to: name('pack'),
    quality,
    ...aborting,
    ...(job.onPacked === undefined ? {} : { onProgress: job.onPacked }),
  });
  if (index.artifact.sha256 !== artifact.sha256) throw changed(source);
  await writeFile(name('chunks'), encodeChunkIndex(index));
  const chunks = await plannedFile(name('chunks'), chunkIndexPath(artifact.path), { ...job.owner, role: 'chunks' });
  const pack: PlannedFile = {
    source: name('pack'),
    entry: { path: packPath(artifact.path), ...index.pack },
    registration: undefined,
  };

  const compressedInside = isCompressedInside(index.pack.length, artifact.length);
  const notes: string[] = [];
  const patches: (PlannedFile & { readonly from: string })[] = [];
  let update: { readonly from: string; readonly bytes: number } | undefined;
  for (const [done, base] of job.bases.entries()) {
    const byChunks = chunks.entry.length + (await chunkBytesFrom(index, base.file, signal));
    const patch = compressedInside ? undefined : await patchFrom(job, base, name(`from-${done}.patch`), notes);
    const isWorthwhile = patch !== undefined && patch.entry.length < worthwhileShare * byChunks;
    if (isWorthwhile) patches.push({ ...patch, from: base.version });
    update ??= { from: base.version, bytes: isWorthwhile ? patch.entry.length : byChunks };
    job.onPatch?.(done + 1);
  }

  return {
    fields: {
      chunks: chunks.entry,
      pack: pack.entry.path,
      ...(patches.length === 0 ? {} : { patches: patches.map(({ from, entry }) => ({ from, ...entry })) }),
    },
    files: [pack, chunks, ...patches],
    report: {
      path: artifact.path,
      full: artifact.length,
      pack: index.pack.length,
      index: chunks.entry.length,
      patches: patches.map(({ from, entry }) => ({ from, length: entry.length })),
      ...(update === undefined ? {} : { update }),
      compressedInside,
      notes,
    },
  };
}

/** `undefined`, with a note, when this machine is too small: then chunks serve. */
async function patchFrom(job: DeltaJob, base: Base, to: string, notes: string[]): Promise<PlannedFile | undefined> {
  const { artifact, owner, source, signal } = job;
  const quality = Math.max(job.quality, patchQuality);
  try {
    const header = await makePatch(
      { base: base.file, result: source, to, quality },
      signal === undefined ? {} : { signal },
    );
    if (header.result.sha256 !== artifact.sha256) throw changed(source);
    if (header.base.sha256 !== base.artifact.sha256) {
      notes.push(`No patch from ${base.version}: its file in the content directory is damaged.`);
      return undefined;
    }
    const custom = { ...owner, role: 'patch', from: base.version, base: header.base };
    return await plannedFile(to, patchPath(artifact.path, base.version), custom);
  } catch (error) {
    if (!(error instanceof UpdateError) || error.code !== 'PUBLISH_PATCH_TOO_LARGE') throw error;
    notes.push(`No patch from ${base.version}: ${error.message}`);
    return undefined;
  }
}

async function plannedFile(
  source: string,
  path: string,
  custom: Readonly<Record<string, unknown>>,
): Promise<PlannedFile> {
  const { length, sha256, sha512 } = await digestFile(source);
  return {
    source,
    entry: { path, length, sha256 },
    registration: { path, info: { length, hashes: { sha256, sha512 }, custom } },
  };
}

function changed(source: string): UpdateError {
  return new UpdateError(
    'PUBLISH_INPUT',
    `${source} changed while it was being published. Let the build finish, then publish again.`,
  );
}
