import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { plainFs } from '../../../files/plain-fs.ts';
import { temporarySuffix } from '../../../files/write-atomic.ts';
import { errorCodes } from '../../../shared/error-table.ts';
import { textOf, UpdateError } from '../../../shared/errors.ts';
import { patchInvalid } from '../../../shared/patch/patch-header.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { DownloadDelta } from '../../ports.ts';
import { releaseBuffers } from '../../../files/release-buffers.ts';
import type { DownloadJob } from '../job.ts';
import { applyPatch } from './patch/apply-patch.ts';
import { copyChunks } from './copy-chunks.ts';
import { fetchPack } from './fetch-pack.ts';
import { chunksPresent, planChunks } from './chunk-layout.ts';
import { chunkSource, retainValidChunks } from './reusable-chunks.ts';
import type { ChunkPlan, PatchPlan, DeltaPlanner } from './delta-planner.ts';

export interface DeltaApplication extends DownloadJob {
  readonly delta: DownloadDelta;
  readonly planner: DeltaPlanner;
  /** Downloads a whole target to `<to>.<suffix>`, next to the artifact. */
  readonly fetch: (target: TrustedTarget, suffix: string, onReceived: (bytes: number) => void) => Promise<string>;
}

/** The share of the progress bar for fetching a patch. Applying the patch takes the rest. */
const fetchShare = 0.5;

/**
 * Assembles as much of the artifact as deltas can give: tries a patch first, then chunks. If one fails, the other is
 * tried, and all valid bytes stay. Afterwards `fetchAndVerify` downloads what is still missing and verifies the whole
 * file.
 * @throws UpdateError `CANCELLED` and disk errors, because neither another delta nor a plain download would help
 */
export async function applyDelta(job: DeltaApplication): Promise<void> {
  const { part, target, stats } = job;
  if (part.received < target.length) {
    const isDone = await attempt(job, 'patch', async () => tryPatch(job));
    if (!isDone) await attempt(job, 'chunk', async () => tryChunks(job));
  }
  stats.setResumed(Math.max(stats.resumed, part.received - stats.bytesReceived));
}

/**
 * Removes the files that were downloaded next to the artifact, and temporary files that killed processes left behind.
 */
export async function removeDeltaFiles(to: string): Promise<void> {
  const directory = dirname(to);
  for (const name of await readdir(directory)) {
    if (name.startsWith(`.${basename(to)}.`) && name.endsWith(temporarySuffix))
      await rm(join(directory, name), { force: true });
  }
  for (const suffix of ['patch', 'chunks']) {
    for (const tail of ['', '.part', '.part.json', '.part.lock', '.part.lock-journal'])
      await rm(`${to}.${suffix}${tail}`, { force: true });
  }
}

/** Returns the result of `work`, or `false` if it fails: no delta is required. */
async function attempt(job: DeltaApplication, name: string, work: () => Promise<boolean>): Promise<boolean> {
  const { context, target, control } = job;
  try {
    return await work();
  } catch (error) {
    control.cancelled.throwIfAborted();
    if (!(error instanceof UpdateError) || errorCodes[error.code].reason === 'disk') throw error;
    context.options.logger.warn(`The ${name} delta for ${target.path} failed: ${error.code} ${textOf(error)}`);
    return false;
  }
}

/** True if the whole artifact is present and matches its digest. */
async function tryPatch(job: DeltaApplication): Promise<boolean> {
  const { part, control, planner } = job;
  const plan = await planner.patch(part.ranges, control.cancelled);
  if (plan === undefined) return false;
  const { patch, base } = plan;
  const start = part.received;
  const share = (part.identity.length - start) * fetchShare;
  report(job, 'download', start);
  const path = await job.fetch(patch.target, 'patch', (bytes) =>
    report(job, 'download', start + share * (bytes / patch.target.length)),
  );
  try {
    await runPatch(job, plan, path, base, start + share);
    report(job, 'verify', part.received);
    if (await part.matchesDigest()) return true;
    throw patchInvalid('its result is not the signed file');
  } catch (error) {
    // It is unknown which of the bytes are valid.
    await part.discardBlocks(() => false);
    throw error;
  }
}

async function runPatch(
  job: DeltaApplication,
  plan: PatchPlan,
  path: string,
  base: string,
  shown: number,
): Promise<void> {
  const { part, control, target } = job;
  const files = await Promise.all([plainFs.open(path), plainFs.open(base)]);
  try {
    await control.run(async (signal) =>
      applyPatch({
        patch: files[0],
        base: files[1],
        result: { length: target.length, sha256: target.hashes.sha256 ?? '' },
        expectedBase: plan.patch.base,
        signal,
        async write(at, block) {
          await part.write(at, [block]);
          report(job, 'copy', shown + ((target.length - shown) * (at + block.length)) / target.length);
        },
      }),
    );
  } finally {
    for (const file of files) await file.close();
  }
}

/** True if the whole artifact is present and each of its chunks matches its digest. */
async function tryChunks(job: DeltaApplication): Promise<boolean> {
  const { part, control, planner } = job;
  report(job, 'index', part.received);
  const plan = await planner.chunks(
    part.ranges,
    async (target, suffix) => job.fetch(target, suffix, () => undefined),
    control.cancelled,
  );
  if (plan === undefined) return false;
  const seeds = new Map(plan.seeds);
  let have = await retainValidChunks(part, plan.index, control.cancelled);
  // A round either completes the artifact or finds seeds that changed in the meantime. The next round ignores those
  // seeds.
  for (;;) {
    const changedSeeds = await runRound(job, plan, seeds, have);
    if (part.received === part.identity.length) return true;
    for (const [digest, seed] of seeds) if (changedSeeds.has(seed.path)) seeds.delete(digest);
    if (changedSeeds.size === 0) return false;
    have = chunksPresent(plan.index, part.ranges);
  }
}

async function runRound(
  job: DeltaApplication,
  { index, chunks }: ChunkPlan,
  seeds: ChunkPlan['seeds'],
  have: ReadonlySet<number>,
): Promise<ReadonlySet<string>> {
  const { context, part, control, stats } = job;
  const layout = planChunks(index, seeds, have);
  const copying = control.run(async (signal) =>
    copyChunks(
      layout.local,
      seeds,
      async (at, bytes) => {
        await part.write(at, [bytes]);
        report(job, layout.ranges.length === 0 ? 'copy' : 'download', part.received);
      },
      signal,
    ),
  );
  const fetching = fetchPack({
    context,
    chunks,
    index,
    ranges: layout.ranges,
    stats,
    run: (work) => control.run(work),
    async deliver(opened) {
      for (const { placed, raw } of opened) {
        for (const at of layout.places.get(placed.chunk.rawDigest) ?? []) await part.write(at, [raw], chunkSource);
        releaseBuffers([raw]);
      }
      report(job, 'download', part.received);
    },
  });
  const [copied, fetched] = await Promise.allSettled([copying, fetching]);
  if (fetched.status === 'rejected') throw fetched.reason;
  if (copied.status === 'rejected') throw copied.reason;
  return copied.value;
}

function report(
  { progress, stats, part }: DeltaApplication,
  phase: 'index' | 'copy' | 'download' | 'verify',
  shown: number,
): void {
  const saved = Math.max(stats.resumed, part.received - stats.bytesReceived);
  progress.update(phase, Math.floor(shown), saved, stats.bytesReceived);
}
