import type { Extents } from '../byte-ranges.ts';
import type { PartSource } from '../part/part-journal.ts';
import type { Mirror } from './mirror-state.ts';

/** What a transfer fills. Its extents say what needs not be fetched. */
export interface Sink {
  readonly extents: Extents;
  /** @throws UpdateError `DOWNLOAD_DISK_FULL`, `DOWNLOAD_DISK` */
  write(at: number, chunks: readonly Uint8Array[], source: PartSource): Promise<void>;
}

export interface TransferJob {
  /** Bytes of the whole object. */
  readonly length: number;
  /** Relative to a mirror's URL, in the order to try. */
  readonly locations: readonly string[];
  readonly mirrors: readonly Mirror[];
  readonly sink: Sink;
  /** To begin with. @defaultValue 1 */
  readonly connections?: number;
  readonly signal: AbortSignal;
  /** Bytes that have just been received. */
  readonly onReceived: (bytes: number) => void;
  readonly onRequest: () => void;
}
