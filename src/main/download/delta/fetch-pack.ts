import type { ChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { consistentName } from '../../../shared/target-path.ts';
import type { DeltaChunks } from '../../ports.ts';
import type { TransferStats } from '../job.ts';
import type { DownloadContext } from '../context.ts';
import { recordCorruption } from '../mirrors/mirror-health.ts';
import { newMirrorState } from '../transfer/mirror-state.ts';
import { transfer } from '../transfer/transfer.ts';
import type { PackRange } from './chunk-layout.ts';
import { type DecodedChunk, PackSink } from './pack-sink.ts';

export interface PackJob {
  readonly context: DownloadContext;
  readonly chunks: DeltaChunks;
  readonly index: ChunkIndex;
  readonly ranges: readonly PackRange[];
  readonly stats: TransferStats;
  /** Called with verified chunks. */
  readonly deliver: (chunks: readonly DecodedChunk[]) => Promise<void>;
  readonly run: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/**
 * Fetches ranges of a pack from the mirrors. A mirror that serves a corrupt frame is not asked again; the next mirror
 * serves that frame.
 * @throws UpdateError when no mirror is left, and any error of writing
 */
export async function fetchPack(job: PackJob): Promise<void> {
  const { context, index, ranges, stats } = job;
  if (ranges.length === 0) return;
  const sink = new PackSink(index.pack.length, ranges, job.deliver);
  const mirrors = context.usableMirrors().map((mirror) => newMirrorState(mirror));
  const request = {
    length: index.pack.length,
    locations: packLocations(job.chunks, index.pack.sha256),
    mirrors,
    sink,
    // Many short ranges are bound by latency, and several connections share it.
    connections: Math.min(context.options.maxConnections, Math.ceil(ranges.length / 2)),
    onReceived: (bytes: number): void => stats.add({ bytesReceived: bytes }),
    onRequest: (): void => stats.add({ requests: 1 }),
  };
  // Every frame is verified by itself, so it does no harm if the mirror's copy changed to another edition.
  while ((await job.run((signal) => transfer(context, { ...request, signal }))) !== undefined);
  for (const mirror of mirrors) {
    if (mirror.disabledBy?.code === 'DOWNLOAD_MISMATCH')
      context.updateHealth(mirror.url, (health) => recordCorruption(health, context.now()));
  }
}

/** The pack has a consistent name if the index does. */
function packLocations({ index, pack }: DeltaChunks, sha256: string): readonly string[] {
  return index.locations.map((location) => (location === index.path ? pack : consistentName(pack, sha256)));
}
