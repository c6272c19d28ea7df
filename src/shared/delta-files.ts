/**
 * The files beside an artifact that let clients transfer less. Their paths follow from the artifact's path. Their signed
 * `custom` says what they are, so that one signed file cannot pass for another.
 */

/** The artifact's chunk index. */
export function chunkIndexPath(artifact: string): string {
  return `${artifact}.chunks`;
}

/** The artifact's compressed chunks. */
export function packPath(artifact: string): string {
  return `${artifact}.pack`;
}

/** A patch from the artifact of version `from`. */
export function patchPath(artifact: string, from: string): string {
  // Target paths do not allow the `+` of build metadata.
  return `${artifact}.from-${from.replaceAll('+', '_')}.patch`;
}

/** The release to which a delta file belongs. */
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
