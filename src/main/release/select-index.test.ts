import { describe, expect, it } from 'vitest';

import { facts } from '../../../test/support/release-facts.ts';
import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { Arch } from '../../shared/platform-target.ts';
import type { Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { selectFromIndexes } from './select-index.ts';

function indexFor(arch: Arch, releases: readonly (string | (Partial<Release> & { readonly version: string }))[]) {
  return indexOf(
    releases.map((release) => {
      const change = typeof release === 'string' ? { version: release } : release;
      return releaseOf(change.version, { artifacts: [artifactOf(change.version, { arches: [arch] })], ...change });
    }),
    { arch },
  );
}

/** The architecture of the chosen index, with the step and version, or the reasons against the releases. */
function choose(indexes: readonly [ReleaseIndex, ...ReleaseIndex[]], change: Partial<ReleaseFacts> = {}): string {
  const { index, selection } = selectFromIndexes(indexes, { ...facts, arch: 'x64', nativeArch: 'arm64', ...change });
  if (selection.type === 'offer') return `${index.arch}: ${selection.step} ${selection.release.version}`;
  return `${index.arch}: ${selection.others.map(({ version, reason }) => `${version} ${reason}`).join(', ')}`;
}

describe('of several release indexes', () => {
  it('the one that leads to the newest release is used, and of equal ones the first', () => {
    expect({
      universalWentOn: choose([indexFor('x64', ['1.1.0']), indexFor('universal', ['1.2.0'])]),
      nativeStopped: choose([indexFor('arm64', ['1.0.0']), indexFor('x64', ['1.1.0'])]),
      both: choose([indexFor('arm64', ['1.1.0']), indexFor('x64', ['1.1.0'])]),
      nativeIsNewer: choose([
        indexFor('arm64', ['1.3.0']),
        indexFor('x64', ['1.1.0']),
        indexFor('universal', ['1.2.0']),
      ]),
      goal: choose([
        indexFor('arm64', ['1.2.0']),
        indexFor('x64', ['1.1.0', { version: '2.0.0', requires: '>=1.1.0' }]),
      ]),
    }).toEqual({
      universalWentOn: 'universal: upgrade 1.2.0',
      nativeStopped: 'x64: upgrade 1.1.0',
      both: 'arm64: upgrade 1.1.0',
      nativeIsNewer: 'arm64: upgrade 1.3.0',
      goal: 'x64: upgrade 1.1.0',
    });
  });

  it('a release that one of them withdraws is withdrawn in all', () => {
    const withdrawn = { version: '1.2.0', withdrawn: true };
    expect([
      choose([indexFor('arm64', [withdrawn]), indexFor('x64', ['1.2.0'])]),
      choose([indexFor('arm64', ['1.1.0', '1.2.0']), indexFor('universal', [withdrawn])]),
    ]).toEqual(['arm64: 1.2.0 withdrawn', 'arm64: upgrade 1.1.0']);
  });

  it('a stale one does not lead an installation back from a release of another', () => {
    const allowDowngrade = true;
    expect({
      current: choose([indexFor('arm64', ['1.5.0']), indexFor('x64', ['1.2.0'])], {
        installed: '1.5.0',
        allowDowngrade,
      }),
      switched: choose([indexFor('arm64', ['1.4.0']), indexFor('x64', ['1.2.0'])], {
        installed: '1.5.0',
        allowDowngrade,
      }),
    }).toEqual({ current: 'arm64: 1.5.0 installed', switched: 'arm64: downgrade 1.4.0' });
  });

  it('without an offer, the one with the newest held-back release is used', () => {
    const held = { version: '1.4.0', minimumSystemVersion: '99' };
    expect(choose([indexFor('arm64', ['1.0.0']), indexFor('x64', [held])])).toBe('x64: 1.4.0 system');
  });
});
