import { type Arch, arches } from '../../shared/platform-target.ts';
import { type Artifact, findArtifact, type Release } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';

/** The architectures to look for, best first: the machine's own, the process's, universal. */
export function archOrder(facts: Pick<ReleaseFacts, 'nativeArch' | 'arch'>): readonly Arch[] {
  const wanted = [facts.nativeArch, facts.arch, 'universal'].map((name) => (name === 'arm' ? 'armv7l' : name));
  return [...new Set(wanted)].flatMap((name) => arches.find((known) => known === name) ?? []);
}

/** The artifact for `arch` that fits this installation, by its preference of kinds. */
export function chooseArtifact(release: Release, arch: Arch, facts: ReleaseFacts): Artifact | undefined {
  if (!archOrder(facts).includes(arch)) return undefined;
  return facts.kinds.map((kind) => findArtifact(release, kind, arch)).find((artifact) => artifact !== undefined);
}
