import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { Artifact } from '../../shared/release-index.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import { type ArtifactDelta, type DeltaReport, isCompressedInside } from './delta-report.ts';
import { estimateTransfer } from './estimate-transfer.ts';
import type { DeltaJob } from './delta-job.ts';
import { buildPack } from './build-pack.ts';
import { buildPatch } from './build-patch.ts';

/**
 * The largest patch that is worth publishing, as a share of what chunks transfer. Chunks are written while they arrive, a
 * patch is applied afterwards, and a patch between apps with little in common has very many steps.
 */
const worthwhileShare = 0.75;

/**
 * Builds the chunk index, the pack and the patches of an artifact, unless they are published already. Leaves out files
 * that were signed and whose bytes are lost, with a note.
 */
export async function buildDelta(job: DeltaJob): Promise<ArtifactDelta> {
  const { artifact, signal } = job;
  const notes: string[] = [];
  const packed = await buildPack(job, notes);
  if (packed === undefined) return { fields: {}, files: [], report: wholeOnly(artifact, notes) };
  const { index, chunks, pack } = packed;
  const compressedInside = isCompressedInside(pack.entry.length, artifact.length);
  const patches: (PlannedFile & { readonly from: string })[] = [];
  let update: DeltaReport['update'];
  for (const [done, base] of job.bases.entries()) {
    const byChunks = chunks.entry.length + (await estimateTransfer(index, base.file, signal));
    // Artifacts that are compressed inside and share few chunks have nothing else in common either.
    const isHopeless = compressedInside && 2 * byChunks > pack.entry.length;
    const patch = isHopeless ? undefined : await buildPatch(job, base, notes);
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
      pack: pack.entry.length,
      index: chunks.entry.length,
      patches: patches.map(({ from, entry }) => ({ from, length: entry.length })),
      ...omitUndefined({ update }),
      compressedInside,
      notes,
    },
  };
}

function wholeOnly({ path, length }: Artifact, notes: readonly string[]): DeltaReport {
  return { path, full: length, pack: length, index: 0, patches: [], compressedInside: false, notes };
}
