import { expect, it } from 'vitest';

import type { Arch } from '../../shared/platform-target.ts';
import { planRelease } from './release-plan.ts';

function indexesOf(...builds: readonly (readonly Arch[])[]): Readonly<Record<string, readonly string[]>> {
  const artifacts = builds.map((arches) => ({
    name: `Notes-1.1.0-${arches.join('-')}.zip`,
    file: '/build/notes.zip',
    kind: 'mac-zip',
    platform: 'darwin',
    arches,
    digest: { length: 3, sha256: 'ab', sha512: 'cd' },
  }));
  const { indexes } = planRelease('org.example.notes', { version: '1.1.0', artifacts, ignored: [] } as never);
  return Object.fromEntries(
    indexes.map(({ target, artifacts: listed }) => [target.arch, listed.map(({ arches }) => arches.join('+'))]),
  );
}

it('lists a universal artifact in the index of each architecture', () => {
  expect({
    universal: indexesOf(['universal']),
    both: indexesOf(['x64'], ['universal']),
    one: indexesOf(['arm64']),
  }).toEqual({
    universal: { x64: ['universal'], arm64: ['universal'], universal: ['universal'] },
    both: { x64: ['x64', 'universal'], arm64: ['universal'], universal: ['universal'] },
    one: { arm64: ['arm64'] },
  });
});
