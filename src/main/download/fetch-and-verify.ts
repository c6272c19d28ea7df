import { UpdateError } from '../../shared/errors.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import { type Contribution, remedy } from './mismatch-recovery.ts';
import { isPutTogether } from './delta/reusable-chunks.ts';
import { diskError } from './disk-errors.ts';
import { giveBack } from '../../files/release-buffers.ts';
import type { PartBlock } from './part/part-journal.ts';
import type { Means, MirrorUrl } from './context.ts';
import { noteLie } from './mirrors/mirror-health.ts';
import type { PartFile } from './part/part-file.ts';
import type { ProgressReporter } from './progress/progress-reporter.ts';
import type { TaskControl } from './task-control.ts';
import { startMirror } from './transfer/mirror-state.ts';
import type { Sink } from './transfer/transfer-options.ts';
import { transfer } from './transfer/transfer.ts';

export interface FillJob {
  readonly means: Means;
  readonly target: TrustedTarget;
  readonly part: PartFile;
  readonly control: TaskControl;
  readonly progress: ProgressReporter;
  /** Counted up as it goes. */
  readonly tally: Tally;
}

export interface Tally {
  bytesReceived: number;
  requests: number;
  /** Bytes that were there at the start and are still believed. */
  resumed: number;
}

interface DroppedBlock {
  readonly block: PartBlock;
  readonly url: string;
}

/**
 * Completes a part until its hash is the signed one. When it is not, the blame is found (see {@link remedy}).
 * @throws UpdateError `DOWNLOAD_MISMATCH` when no mirror gives the signed bytes, and what {@link transfer} throws
 */
export async function fill(job: FillJob): Promise<void> {
  const { means, part } = job;
  const dropped: DroppedBlock[] = [];
  let mirrors = usableMirrors(means);
  let only: string | undefined;
  for (;;) {
    await fetchMissing(job, only === undefined ? mirrors : mirrors.filter(({ url }) => url === only));
    if (await isRight(job)) return accuseDropped(job, dropped);
    // Nobody gave anything of an empty file, and nobody could give another one.
    if (job.target.length === 0) throw mismatch(job.target);
    if (isPutTogether(part)) {
      means.options.logger.warn(`What was put together of ${job.target.path} is not it. All of it is fetched plainly.`);
      await part.drop(() => true);
      job.tally.resumed = 0;
      continue;
    }
    const step = remedy(
      contributions(part),
      mirrors.map(({ url }) => url),
      job.tally.resumed > 0,
    );
    only = step.type === 'keep' ? step.url : undefined;
    if (step.type === 'accuse') {
      accuse(means, step.url);
      mirrors = mirrors.filter(({ url }) => url !== step.url);
    }
    await part.drop((block, source) => {
      const unwanted = source === undefined || source.url !== only;
      if (unwanted && only !== undefined && source !== undefined) dropped.push({ block, url: source.url });
      return unwanted;
    });
    if (only === undefined) job.tally.resumed = 0;
    if (mirrors.length === 0) throw mismatch(job.target);
  }
}

/** All mirrors, without those that lied lately as long as there are others. */
export function usableMirrors(means: Means): readonly MirrorUrl[] {
  const honest = means.mirrors.filter(({ url }) => !means.isQuarantined(url));
  return honest.length === 0 ? means.mirrors : honest;
}

async function fetchMissing(job: FillJob, urls: readonly MirrorUrl[]): Promise<void> {
  const { means, target, part, control, progress, tally } = job;
  const mirrors = urls.map((mirror) => startMirror(mirror, knownValidator(mirror, part)));
  const sink: Sink = {
    get extents() {
      return part.extents;
    },
    async write(at, chunks, source) {
      await part.write(at, chunks, source).catch((error: unknown) => {
        throw diskError(error, part.paths.part);
      });
      giveBack(chunks);
      progress.update('download', part.received, tally.resumed, tally.bytesReceived);
    },
  };
  const onReceived = (bytes: number): void => {
    tally.bytesReceived += bytes;
  };
  const onRequest = (): void => {
    tally.requests++;
  };
  for (;;) {
    const { length, locations } = target;
    const changed = await control.run((signal) =>
      transfer(means, { length, locations, mirrors, sink, signal, onReceived, onRequest }),
    );
    if (changed === undefined) return;
    await part.drop((_block, source) => source?.url === changed.url);
    tally.resumed = Math.min(tally.resumed, part.received);
  }
}

/** What an earlier run learnt of a mirror stands in the journal. */
function knownValidator({ url }: MirrorUrl, part: PartFile): string | undefined {
  return part.sources.findLast((source) => source.url === url)?.validator;
}

async function isRight({ part, progress, tally }: FillJob): Promise<boolean> {
  progress.update('verify', part.received, tally.resumed, tally.bytesReceived);
  return part.isRight();
}

function contributions(part: PartFile): Contribution[] {
  const bytes = new Map<string, number>();
  for (const block of part.blocks) {
    const url = part.sources[block.source]?.url ?? '';
    bytes.set(url, (bytes.get(url) ?? 0) + block.end - block.at);
  }
  return [...bytes].map(([url, bytes]) => ({ url, bytes }));
}

/** Now that the right bytes are known: who gave others? */
async function accuseDropped({ means, part }: FillJob, dropped: readonly DroppedBlock[]): Promise<void> {
  const liars = new Set<string>();
  for (const { block, url } of dropped) {
    if (!liars.has(url) && (await part.checksum(block)) !== block.crc32) liars.add(url);
  }
  for (const url of liars) accuse(means, url);
}

function accuse(means: Means, url: string): void {
  means.options.logger.warn(`Mirror ${url} gave other bytes than were signed; it is asked last from now on.`);
  means.note(url, (health) => noteLie(health, means.now()));
}

function mismatch(target: TrustedTarget): UpdateError {
  return new UpdateError(
    'DOWNLOAD_MISMATCH',
    `No server has ${target.path} as it was signed. The files were changed after publishing, or somebody tampers with them. Nothing was installed; try again later.`,
    { details: { path: target.path } },
  );
}
