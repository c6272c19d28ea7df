import type { ReleaseQuery } from '../../main/ports.ts';
import type { Artifact } from '../../shared/release-index.ts';
import { type Arch, formatPlatformTarget, type PlatformTarget } from '../../shared/platform-target.ts';
import { artifactPath } from '../../shared/target-path.ts';
import type { BuiltArtifact } from '../build/built-artifact.ts';
import type { Build } from '../build/read-build.ts';
import type { ContentFile } from '../content/content-store.ts';
import type { Registration } from '../rstuf/rstuf-api.ts';

/** A file to publish: its path on this machine, and what will be signed about it. */
export interface PlannedFile {
  readonly source: string;
  readonly entry: ContentFile;
  /** `undefined` when another signed file lists its hash. */
  readonly registration: Registration | undefined;
  /** Whether the content store also serves it under its plain name, for people. */
  readonly alsoPlainName: boolean;
}

export interface PlannedArtifact extends PlannedFile {
  readonly entry: Artifact;
  readonly registration: Registration;
}

/** The artifacts that one release index lists. */
interface PlannedIndex {
  readonly target: PlatformTarget;
  readonly artifacts: readonly Artifact[];
}

export interface ReleasePlan {
  readonly artifacts: readonly PlannedArtifact[];
  readonly indexes: readonly PlannedIndex[];
}

/** The indexes of each of the channels, and the artifacts that each of them lists. Pure. */
export function indexesOf(
  { app, channels }: { readonly app: string; readonly channels: readonly string[] },
  { indexes }: ReleasePlan,
): readonly { readonly query: ReleaseQuery; readonly artifacts: readonly Artifact[] }[] {
  return channels.flatMap((channel) =>
    indexes.map(({ target, artifacts }) => ({ query: { app, channel, target }, artifacts })),
  );
}

/** Plans target paths, signed descriptions and one index for each platform target of the build. Pure. */
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
 * The architectures whose indexes list an artifact. An app reads the index of its own architecture, so x64 and arm64
 * indexes list universal artifacts too. Otherwise apps built for one architecture would never find them.
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
        // Clients compare these fields with their request, so one signed file cannot pass for another.
        custom: { app, version, platform, arches, kind },
      },
    },
  };
}
