import type { ByteRanges } from '../byte-ranges.ts';
import type { PartSource } from '../part/part-journal.ts';
import type { MirrorState } from './mirror-state.ts';

/** What a transfer fills. Its extents say what needs not be fetched. */
export interface ByteSink {
  readonly ranges: ByteRanges;
  /** @throws UpdateError `DOWNLOAD_DISK_FULL`, `DOWNLOAD_DISK` */
  write(at: number, chunks: readonly Uint8Array[], source: PartSource): Promise<void>;
}

export interface TransferOptions {
  /** Bytes of the whole object. */
  readonly length: number;
  /** Relative to a mirror's URL, in the order to try. */
  readonly locations: readonly string[];
  readonly mirrors: readonly MirrorState[];
  readonly sink: ByteSink;
  /** To begin with. @defaultValue 1 */
  readonly connections?: number;
  readonly signal: AbortSignal;
  /** Bytes that have just been received. */
  readonly onReceived: (bytes: number) => void;
  readonly onRequest: () => void;
}
