import type { FileDigest } from '../../files/hash-file.ts';
import type { ArtifactKind } from '../../shared/artifact-kinds.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';

/** One installer file that will be published. */
export interface BuiltArtifact {
  /** The published name: the name in the yml, with "-" for each space. */
  readonly name: string;
  /** Path on this machine. */
  readonly file: string;
  readonly kind: ArtifactKind;
  readonly platform: Platform;
  readonly arches: readonly Arch[];
  readonly digest: FileDigest;
}
