/**
 * The files beside an artifact that let clients transfer less of it. Their paths follow from the artifact's, and their
 * signed `custom` says what they are, so that no signed file can stand in for another.
 */

/** The artifact's chunk index. */
export function chunkIndexPath(artifact: string): string {
  return `${artifact}.chunks`;
}

/** The artifact's chunks, compressed for transport. */
export function packPath(artifact: string): string {
  return `${artifact}.pack`;
}

/** A patch from the artifact of version `from`. */
export function patchPath(artifact: string, from: string): string {
  // A `+` of build metadata is no character of target paths.
  return `${artifact}.from-${from.replaceAll('+', '_')}.patch`;
}

/** Which release a delta file belongs to. */
export interface DeltaOwner {
  readonly app: string;
  readonly version: string;
  readonly platform: string;
  readonly kind: string;
}

/** The `custom` of a chunk index. */
export interface ChunksCustom extends DeltaOwner {
  readonly role: 'chunks';
}

/** The `custom` of a patch. */
export interface PatchCustom extends DeltaOwner {
  readonly role: 'patch';
  readonly from: string;
  /** The file that the patch applies to. */
  readonly base: { readonly length: number; readonly sha256: string };
}
