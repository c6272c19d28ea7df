import type { DeltaOwner } from '../../shared/delta-files.ts';
import type { Artifact } from '../../shared/release-index.ts';
import type { Base } from './find-bases.ts';
import type { PublishedDeltas } from './published-deltas.ts';

/** The inputs for the delta files of one artifact. */
export interface DeltaJob {
  readonly artifact: Artifact;
  readonly owner: DeltaOwner;
  /** The artifact's path on this machine. */
  readonly source: string;
  /** Newest first. */
  readonly bases: readonly Base[];
  /** Delta files that are published already. */
  readonly published: PublishedDeltas;
  /** The path for a new file. */
  readonly workFile: (suffix: string) => string;
  /** Brotli quality of the pack, 0 to 11. */
  readonly quality: number;
  readonly signal?: AbortSignal;
  /** Receives the number of the artifact's bytes packed so far. */
  readonly onPacked?: (bytes: number) => void;
  /** Receives the number of patches built or skipped so far. */
  readonly onPatch?: (done: number) => void;
}
