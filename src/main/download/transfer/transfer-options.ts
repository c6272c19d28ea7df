import type { ByteRanges } from '../byte-ranges.ts';
import type { PartSource } from '../part/part-journal.ts';
import type { MirrorState } from './mirror-state.ts';

/** What a transfer fills. Its `ranges` need not be fetched. */
export interface ByteSink {
  readonly ranges: ByteRanges;
  /** @throws UpdateError `DOWNLOAD_DISK_FULL`, `DOWNLOAD_DISK` */
  write(at: number, chunks: readonly Uint8Array[], source: PartSource): Promise<void>;
}

export interface TransferOptions {
  /** Length of the whole object, in bytes. */
  readonly length: number;
  /** Paths relative to a mirror's URL, in the order to try. */
  readonly locations: readonly string[];
  readonly mirrors: readonly MirrorState[];
  readonly sink: ByteSink;
  /** Connections to start with. @defaultValue 1 */
  readonly connections?: number;
  readonly signal: AbortSignal;
  /** Called with the number of bytes just received. */
  readonly onReceived: (bytes: number) => void;
  readonly onRequest: () => void;
}
