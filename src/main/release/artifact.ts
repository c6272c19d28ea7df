import { type Arch, arches } from '../../shared/platform-target.ts';
import type { Artifact } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';

/**
 * The architectures to look for, best first: the machine's own, the process's, universal. Release indexes are asked
 * for in this order, and artifacts chosen by it.
 */
export function archOrder(facts: Pick<ReleaseFacts, 'nativeArch' | 'arch'>): readonly Arch[] {
  const wanted = [facts.nativeArch, facts.arch, 'universal'].map((name) => (name === 'arm' ? 'armv7l' : name));
  return [...new Set(wanted)].flatMap((name) => arches.find((known) => known === name) ?? []);
}

/** The artifact that fits this installation best: by kind, then by architecture. */
export function chooseArtifact(artifacts: readonly Artifact[], facts: ReleaseFacts): Artifact | undefined {
  for (const kind of facts.kinds) {
    for (const arch of archOrder(facts)) {
      const fitting = artifacts.find((artifact) => artifact.kind === kind && artifact.arches.includes(arch));
      if (fitting !== undefined) return fitting;
    }
  }
  return undefined;
}
