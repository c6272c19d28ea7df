import { artifactKindFacts } from '../../shared/artifact-kinds.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Arch } from '../../shared/platform-target.ts';
import type { BuiltArtifact } from './built-artifact.ts';

interface Chosen {
  readonly artifacts: readonly BuiltArtifact[];
  /** Files that are not published, because another file replaces them. */
  readonly spare: readonly BuiltArtifact[];
}

/**
 * Chooses one file for each kind and architecture, because an installed app takes only one. An installer for one architecture
 * replaces the larger one for several, and `.tar.gz` replaces `.zip`. Pure.
 * @throws UpdateError `PUBLISH_INPUT` if nothing decides between two files
 */
export function onePerTarget(built: readonly BuiltArtifact[]): Chosen {
  const artifacts: BuiltArtifact[] = [];
  const spare: BuiltArtifact[] = [];
  for (const artifact of built) {
    const arches = artifact.arches.filter((arch) => !built.some((other) => comesBefore(other, artifact, arch)));
    if (arches.length === 0) spare.push(artifact);
    else artifacts.push({ ...artifact, arches });
  }
  return { artifacts, spare };
}

function comesBefore(other: BuiltArtifact, artifact: BuiltArtifact, arch: Arch): boolean {
  const { kind, platform, arches } = artifact;
  if (other === artifact || other.kind !== kind || other.platform !== platform || !other.arches.includes(arch))
    return false;
  const order = other.arches.length - arches.length || extensionRank(other) - extensionRank(artifact);
  if (order !== 0) return order < 0;
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${other.name} and ${artifact.name} are both the ${kind} file for ${platform}-${arch}, and installed apps take one. Remove the other one from the directory, and from its yml.`,
    { details: { first: other.name, second: artifact.name } },
  );
}

function extensionRank({ kind, platform, name }: BuiltArtifact): number {
  const extensions = artifactKindFacts[kind].platforms[platform]?.files ?? [];
  return extensions.findIndex((extension) => name.toLowerCase().endsWith(extension));
}
