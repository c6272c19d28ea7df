import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { Artifact, Patch } from '../../shared/release-index.ts';
import type { PlannedFile } from '../session/release-plan.ts';

/** The fields of a release index that describe an artifact's delta files. */
export type DeltaFields = Pick<Artifact, 'chunks' | 'pack' | 'patches'>;

/** What delta updates of an artifact transfer, for people. Sizes are in bytes. */
export interface DeltaReport {
  /** Target path of the artifact. */
  readonly path: string;
  readonly full: number;
  readonly pack: number;
  readonly index: number;
  readonly patches: readonly Pick<Patch, 'from' | 'length'>[];
  /** What an app with the newest older version transfers. */
  readonly update?: { readonly from: string; readonly bytes: number };
  /** True if the artifact barely compresses, because its content is compressed already. Deltas are then large. */
  readonly compressedInside: boolean;
  /** Why there is no patch from a version that should have one. */
  readonly notes: readonly string[];
}

/** The delta files of one artifact. */
export interface ArtifactDelta {
  readonly fields: DeltaFields;
  readonly files: readonly PlannedFile[];
  /** `undefined` if an earlier run published everything. */
  readonly report: DeltaReport | undefined;
}

export function deltaFieldsOf({ chunks, pack, patches }: Artifact): DeltaFields {
  return {
    ...omitUndefined({ chunks, pack, patches }),
  };
}

/** An artifact whose pack is at least this share of its length is compressed inside. */
const compressedShare = 0.9;

/** Whether an artifact is compressed inside. Lengths are in bytes. */
export function isCompressedInside(packLength: number, length: number): boolean {
  return packLength >= compressedShare * length;
}
