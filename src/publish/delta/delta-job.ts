import type { DeltaOwner } from '../../shared/delta-files.ts';
import type { Artifact } from '../../shared/release-index.ts';
import type { Base } from './find-bases.ts';
import type { PublishedDeltas } from './published-deltas.ts';

/** What the delta files of one artifact are made from. */
export interface DeltaJob {
  readonly artifact: Artifact;
  readonly owner: DeltaOwner;
  /** The artifact on this machine. */
  readonly source: string;
  /** Newest first. */
  readonly bases: readonly Base[];
  /** What is there already. */
  readonly published: PublishedDeltas;
  /** Where a file that is made goes. */
  readonly workFile: (suffix: string) => string;
  /** Brotli quality of the pack, 0 to 11. */
  readonly quality: number;
  readonly signal?: AbortSignal;
  /** Bytes of the artifact that are packed. */
  readonly onPacked?: (bytes: number) => void;
  /** Patches that are made or given up. */
  readonly onPatch?: (done: number) => void;
}
