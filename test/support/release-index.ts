import type { Artifact, Release, ReleaseIndex } from '../../src/shared/release-index.ts';

export const app = 'org.example.notes';

/** An AppImage for x64, as an index lists it. */
export function artifactOf(version: string, change: Partial<Artifact> = {}): Artifact {
  return {
    kind: 'appimage',
    path: `${app}/releases/${version}/Notes-${version}.AppImage`,
    length: 1000,
    sha256: 'ab'.repeat(32),
    arches: ['x64'],
    ...change,
  };
}

/** A release for everybody, with one {@link artifactOf}. */
export function releaseOf(version: string, change: Partial<Release> = {}): Release {
  return {
    version,
    releasedAt: '2026-11-01T00:00:00Z',
    notes: {},
    critical: false,
    withdrawn: false,
    artifacts: [artifactOf(version)],
    ...change,
  };
}

/** The index of `stable` for `linux-x64`. */
export function indexOf(releases: readonly Release[], change: Partial<ReleaseIndex> = {}): ReleaseIndex {
  return { schema: 1, revision: 1, app, channel: 'stable', platform: 'linux', arch: 'x64', releases, ...change };
}
