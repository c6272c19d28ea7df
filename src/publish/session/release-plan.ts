import type { Artifact } from '../../shared/release-index.ts';
import { type Arch, formatPlatformTarget, type PlatformTarget } from '../../shared/platform-target.ts';
import { artifactPath } from '../../shared/target-path.ts';
import type { BuiltArtifact } from '../build/built-artifact.ts';
import type { Build } from '../build/read-build.ts';
import type { ContentFile } from '../content/content-store.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';

/** One file to publish: where it is, and everything that will be signed of it. */
export interface PlannedFile {
  readonly source: string;
  readonly entry: ContentFile;
  /** `undefined` when another signed file names it by hash. */
  readonly registration: Registration | undefined;
  /** Whether it stands under its plain name too, where people find it. */
  readonly alsoPlainName: boolean;
}

export interface PlannedArtifact extends PlannedFile {
  readonly entry: Artifact;
  readonly registration: Registration;
}

/** What goes into one release index. */
interface PlannedIndex {
  readonly target: PlatformTarget;
  readonly artifacts: readonly Artifact[];
}

export interface ReleasePlan {
  readonly artifacts: readonly PlannedArtifact[];
  readonly indexes: readonly PlannedIndex[];
}

/** Target paths, signed descriptions, and one index per platform target that the files are for. Pure. */
export function planRelease(app: string, build: Build): ReleasePlan {
  const artifacts = build.artifacts.map((built) => planArtifact(app, build.version, built));
  const indexes = new Map<string, { readonly target: PlatformTarget; readonly artifacts: Artifact[] }>();
  for (const [place, { platform, arches }] of build.artifacts.entries()) {
    const entry = artifacts[place]?.entry;
    if (entry === undefined) continue;
    for (const arch of indexArches(arches)) {
      const target = { platform, arch };
      const name = formatPlatformTarget(target);
      const index = indexes.get(name) ?? { target, artifacts: [] };
      index.artifacts.push(entry);
      indexes.set(name, index);
    }
  }
  return { artifacts, indexes: [...indexes.values()] };
}

/**
 * In which indexes an artifact stands. Apps of one architecture look into the index of that one: a universal artifact
 * stands there, too, or whoever has an older build of one architecture would never hear of it.
 */
function indexArches(arches: readonly Arch[]): readonly Arch[] {
  return [
    ...new Set(arches.flatMap((arch): readonly Arch[] => (arch === 'universal' ? ['x64', 'arm64', arch] : [arch]))),
  ];
}

function planArtifact(app: string, version: string, built: BuiltArtifact): PlannedArtifact {
  const { kind, arches, platform, digest } = built;
  const path = artifactPath(app, version, built.name);
  return {
    source: built.file,
    alsoPlainName: true,
    entry: { kind, path, length: digest.length, sha256: digest.sha256, arches },
    registration: {
      path,
      info: {
        length: digest.length,
        hashes: { sha256: digest.sha256, sha512: digest.sha512 },
        // One signed file cannot stand in for another: clients compare this with what they asked for.
        custom: { app, version, platform, arches, kind },
      },
    },
  };
}
