import { UpdateError } from '../../shared/errors.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { type Contribution, planMismatchRecovery } from './mismatch-recovery.ts';
import { hasLocalBytes } from './delta/reusable-chunks.ts';
import { toDiskError } from './disk-errors.ts';
import { releaseBuffers } from '../../files/release-buffers.ts';
import type { PartBlock } from './part/part-journal.ts';
import type { DownloadContext, MirrorUrl } from './context.ts';
import type { DownloadJob } from './job.ts';
import { recordCorruption } from './mirrors/mirror-health.ts';
import type { PartFile } from './part/part-file.ts';
import { newMirrorState } from './transfer/mirror-state.ts';
import type { ByteSink } from './transfer/transfer-options.ts';
import { transfer } from './transfer/transfer.ts';

interface DiscardedBlock {
  readonly block: PartBlock;
  readonly url: string;
}

/**
 * Completes a part until its hash matches the signed one. On a mismatch it follows {@link planMismatchRecovery}.
 * @throws UpdateError `DOWNLOAD_MISMATCH` when no mirror serves the signed bytes, and any error of {@link transfer}
 */
export async function fetchAndVerify(job: DownloadJob): Promise<void> {
  const { context, part } = job;
  const discarded: DiscardedBlock[] = [];
  let mirrors = context.usableMirrors();
  let reserve = context.mirrors.filter((mirror) => !mirrors.includes(mirror));
  let soleMirror: string | undefined;
  for (;;) {
    const failure = await tryFetchMissing(
      job,
      soleMirror === undefined ? mirrors : mirrors.filter(({ url }) => url === soleMirror),
    );
    if (failure !== undefined) {
      // The mirror that was to complete its own bytes cannot. The other mirrors complete the file; then checksums tell
      // which bytes were corrupt.
      if (soleMirror !== undefined) discarded.push(...(await discardBlocksOf(job, soleMirror)));
      mirrors = mirrors.filter(({ url }) => soleMirror !== undefined && url !== soleMirror);
      soleMirror = undefined;
      // A banned mirror is better than none, because everything it serves is verified.
      if (mirrors.length === 0) [mirrors, reserve] = [reserve, []];
      if (mirrors.length === 0) throw failure;
      continue;
    }
    if (await verifyDigest(job)) return banCorruptMirrors(job, discarded);
    // An empty file has no bytes from any mirror, so there is nothing to fetch again.
    if (job.target.length === 0) throw mismatch(job.target);
    if (hasLocalBytes(part)) {
      context.options.logger.warn(
        `The assembled ${job.target.path} does not match its signed hash. The whole file is downloaded instead.`,
      );
      await part.discardBlocks(() => true);
      job.stats.setResumed(0);
      continue;
    }
    const step = planMismatchRecovery(
      contributions(part),
      mirrors.map(({ url }) => url),
      job.stats.resumed > 0,
    );
    soleMirror = step.type === 'keep-mirror' ? step.url : undefined;
    if (step.type === 'ban-mirror') {
      banMirror(context, step.url);
      mirrors = mirrors.filter(({ url }) => url !== step.url);
    }
    await part.discardBlocks((block, source) => {
      const unwanted = source === undefined || source.url !== soleMirror;
      if (unwanted && soleMirror !== undefined && source !== undefined) discarded.push({ block, url: source.url });
      return unwanted;
    });
    if (soleMirror === undefined) job.stats.setResumed(0);
    if (mirrors.length === 0) [mirrors, reserve] = [reserve, []];
    if (mirrors.length === 0) throw mismatch(job.target);
  }
}

/**
 * Returns why these mirrors could not complete the part, or `undefined` if they did. @throws errors that no mirror can
 * help with: disk errors and cancellation
 */
async function tryFetchMissing(job: DownloadJob, mirrors: readonly MirrorUrl[]): Promise<UpdateError | undefined> {
  try {
    await fetchMissing(job, mirrors);
    return undefined;
  } catch (error) {
    job.control.cancelled.throwIfAborted();
    if (!(error instanceof UpdateError) || error.code.startsWith('DOWNLOAD_DISK')) throw error;
    return error;
  }
}

/** Discards every block from one mirror, so that it is fetched again. Returns the discarded blocks. */
async function discardBlocksOf({ part, stats }: DownloadJob, url: string): Promise<readonly DiscardedBlock[]> {
  const discarded: DiscardedBlock[] = [];
  await part.discardBlocks((block, source) => {
    const isUnwanted = source?.url === url;
    if (isUnwanted) discarded.push({ block, url });
    return isUnwanted;
  });
  stats.setResumed(Math.min(stats.resumed, part.received));
  return discarded;
}

async function fetchMissing(job: DownloadJob, urls: readonly MirrorUrl[]): Promise<void> {
  const { context, target, part, control, progress, stats } = job;
  const mirrors = urls.map((mirror) => newMirrorState(mirror, knownValidator(mirror, part)));
  const sink: ByteSink = {
    get ranges() {
      return part.ranges;
    },
    async write(at, chunks, source) {
      await part.write(at, chunks, source).catch((error: unknown) => {
        throw toDiskError(error, part.paths.part);
      });
      releaseBuffers(chunks);
      progress.update('download', part.received, stats.resumed, stats.bytesReceived);
    },
  };
  const onReceived = (bytes: number): void => stats.add({ bytesReceived: bytes });
  const onRequest = (): void => stats.add({ requests: 1 });
  for (;;) {
    const { length, locations } = target;
    const changed = await control.run((signal) =>
      transfer(context, { length, locations, mirrors, sink, signal, onReceived, onRequest }),
    );
    if (changed === undefined) return;
    await part.discardBlocks((_block, source) => source?.url === changed.url);
    stats.setResumed(Math.min(stats.resumed, part.received));
  }
}

/** The mirror's validator that an earlier run recorded in the journal. */
function knownValidator({ url }: MirrorUrl, part: PartFile): string | undefined {
  return part.sources.findLast((source) => source.url === url)?.validator;
}

async function verifyDigest({ part, progress, stats }: DownloadJob): Promise<boolean> {
  progress.update('verify', part.received, stats.resumed, stats.bytesReceived);
  return part.matchesDigest();
}

function contributions(part: PartFile): Contribution[] {
  const bytes = new Map<string, number>();
  for (const block of part.blocks) {
    const url = part.sources[block.source]?.url ?? '';
    bytes.set(url, (bytes.get(url) ?? 0) + block.end - block.start);
  }
  return [...bytes].map(([url, bytes]) => ({ url, bytes }));
}

/** Bans every mirror whose discarded blocks differ from the bytes now known to be valid. */
async function banCorruptMirrors({ context, part }: DownloadJob, discarded: readonly DiscardedBlock[]): Promise<void> {
  const corrupt = new Set<string>();
  for (const { block, url } of discarded) {
    if (!corrupt.has(url) && (await part.checksum(block)) !== block.crc32) corrupt.add(url);
  }
  for (const url of corrupt) banMirror(context, url);
}

function banMirror(context: DownloadContext, url: string): void {
  context.options.logger.warn(`Mirror ${url} gave other bytes than were signed. From now on it is asked last.`);
  context.updateHealth(url, (health) => recordCorruption(health, context.now()));
}

function mismatch(target: TrustedTarget): UpdateError {
  return new UpdateError(
    'DOWNLOAD_MISMATCH',
    `No server has ${target.path} as it was signed. The files were changed after publishing, or an attacker tampers with them. Nothing was installed. Try again later.`,
    { details: { path: target.path } },
  );
}
