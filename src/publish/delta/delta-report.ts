import { omitUndefined } from '../../shared/omit-undefined.ts';
import type { Artifact, Patch } from '../../shared/release-index.ts';
import type { PlannedFile } from '../session/release-plan.ts';

/** What a release index says of an artifact's delta files. */
export type DeltaFields = Pick<Artifact, 'chunks' | 'pack' | 'patches'>;

/** What updates by delta cost, for people. Bytes. */
export interface DeltaReport {
  /** Target path of the artifact. */
  readonly path: string;
  readonly full: number;
  readonly pack: number;
  readonly index: number;
  readonly patches: readonly Pick<Patch, 'from' | 'length'>[];
  /** What an app of the newest older version transfers. */
  readonly update?: { readonly from: string; readonly bytes: number };
  /** True when the artifact hardly shrinks: its content is compressed already, which makes deltas large. */
  readonly compressedInside: boolean;
  /** Why there is no patch from a version that should have one. */
  readonly notes: readonly string[];
}

/** The delta files of one artifact. */
export interface ArtifactDelta {
  readonly fields: DeltaFields;
  readonly files: readonly PlannedFile[];
  /** `undefined` when all was published before. */
  readonly report: DeltaReport | undefined;
}

export function deltaFieldsOf({ chunks, pack, patches }: Artifact): DeltaFields {
  return {
    ...omitUndefined({ chunks, pack, patches }),
  };
}

/** What packs to this part of its length or more is compressed inside. */
const compressedShare = 0.9;

/** Does an artifact hardly shrink? Lengths in bytes. */
export function isCompressedInside(packLength: number, length: number): boolean {
  return packLength >= compressedShare * length;
}
