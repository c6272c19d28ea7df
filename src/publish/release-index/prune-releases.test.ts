import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';

import { releaseOf } from '../../../test/support/release-index.ts';
import { routesFrom } from '../../main/release/routes.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Release } from '../../shared/release-index.ts';
import { pruneReleases } from './prune-releases.ts';

const versionsOf = (releases: readonly Release[]): readonly string[] => releases.map((release) => release.version);

describe('pruning releases', () => {
  it('keeps a list that fits', () => {
    const releases = [releaseOf('1.1.0'), releaseOf('1.0.0')];
    expect(pruneReleases(releases, 2)).toBe(releases);
  });

  it('removes the oldest first', () => {
    const releases = ['1.3.0', '1.2.0', '1.1.0', '1.0.0'].map((version) => releaseOf(version));
    expect(versionsOf(pruneReleases(releases, 2))).toEqual(['1.3.0', '1.2.0']);
  });

  it('keeps the stepping stone that the newest needs', () => {
    const releases = [
      releaseOf('3.0.0', { requires: '>=2.0.0' }),
      releaseOf('2.1.0', { requires: '>=2.0.0' }),
      releaseOf('2.0.0'),
      releaseOf('1.0.0'),
    ];
    expect(versionsOf(pruneReleases(releases, 2))).toEqual(['3.0.0', '2.0.0']);
  });

  it('keeps a stepping stone for versions that are no longer listed', () => {
    const releases = [
      releaseOf('3.0.0', { requires: '>=2.0.0' }),
      releaseOf('2.5.0', { requires: '>=2.0.0' }),
      releaseOf('2.0.0', { requires: '>=1.2.0' }),
    ];
    expect(versionsOf(pruneReleases(releases, 2))).toEqual(['3.0.0', '2.0.0']);
  });

  it('removes a withdrawn stepping stone', () => {
    const releases = [releaseOf('2.0.0'), releaseOf('1.5.0'), releaseOf('1.0.0', { withdrawn: true })];
    expect(versionsOf(pruneReleases(releases, 2))).toEqual(['2.0.0', '1.5.0']);
  });

  it('fails when every release is a stepping stone', () => {
    const releases = [
      releaseOf('3.0.0', { requires: '>=2.0.0' }),
      releaseOf('2.0.0', { requires: '>=1.0.0' }),
      releaseOf('1.0.0'),
    ];
    expect(() => pruneReleases(releases, 2)).toThrow(expect.objectContaining({ code: 'PUBLISH_INPUT' }));
  });

  it('keeps every remaining release reachable from the same versions', () => {
    const minor = fc.integer({ min: 0, max: 9 });
    const list = fc.uniqueArray(fc.record({ minor, needs: fc.option(minor), withdrawn: fc.boolean() }), {
      selector: (one) => one.minor,
      minLength: 2,
    });
    fc.assert(
      fc.property(list, fc.integer({ min: 1, max: 8 }), (entries, limit) => {
        const releases = entries
          .map(({ minor, needs, withdrawn }) =>
            releaseOf(`1.${minor}.0`, { withdrawn, ...(needs === null ? {} : { requires: `>=1.${needs}.0` }) }),
          )
          .toSorted((a, b) => semver.compare(b.version, a.version));
        const kept = keptOf(releases, limit);
        if (kept === undefined) return;
        expect(kept.length).toBeLessThanOrEqual(Math.max(limit, 1));
        for (let installed = 0; installed <= 10; installed += 1) {
          const before = ways(`1.${installed}.5`, releases).filter((way) => versionsOf(kept).includes(way));
          expect(ways(`1.${installed}.5`, kept)).toEqual(before);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function ways(installed: string, releases: readonly Release[]): readonly string[] {
  const offered = releases.filter((release) => !release.withdrawn);
  return routesFrom(installed, offered).map((route) => route.goal.version);
}

function keptOf(releases: readonly Release[], limit: number): readonly Release[] | undefined {
  try {
    return pruneReleases(releases, limit);
  } catch (error) {
    if (error instanceof UpdateError) return undefined;
    throw error;
  }
}
