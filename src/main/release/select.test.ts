import { describe, expect, it } from 'vitest';

import { facts } from '../../../test/support/release-facts.ts';
import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { Arch } from '../../shared/platform-target.ts';
import type { Release } from '../../shared/release-index.ts';
import { archOrder } from './artifact.ts';
import { rolloutBucket } from './rollout.ts';
import type { ReleaseFacts } from './facts.ts';
import { selectRelease } from './select.ts';

/** The selection in short: what is offered (with its goal, kind and urgency), and the reasons against the rest. */
function choose(releases: readonly Release[], change: Partial<ReleaseFacts> = {}): Record<string, string> {
  const selection = selectRelease(indexOf(releases), { ...facts, ...change });
  const reasons = Object.fromEntries(selection.others.map(({ version, reason }) => [version, reason]));
  if (selection.type === 'none') return reasons;
  const { release, step, towards, critical } = selection;
  const words = [step, ...(towards === release.version ? [] : [`to ${towards}`]), ...(critical ? ['critical'] : [])];
  return { ...reasons, [release.version]: words.join(' ') };
}

describe('upgrades', () => {
  it('offers the newest release, whatever the order of the index', () => {
    expect(
      choose([releaseOf('1.1.0'), releaseOf('1.10.0'), releaseOf('1.9.0'), releaseOf('1.0.0'), releaseOf('0.9.0')]),
    ).toEqual({
      '1.10.0': 'upgrade',
      '1.9.0': 'passed-over',
      '1.1.0': 'passed-over',
      '1.0.0': 'installed',
      '0.9.0': 'older',
    });
  });

  it('offers nothing from an empty index, and nothing when the newest is installed', () => {
    expect([choose([]), choose([releaseOf('1.0.0')])]).toEqual([{}, { '1.0.0': 'installed' }]);
  });

  it('orders pre-releases by precedence and ignores build numbers', () => {
    expect({
      betas: choose([releaseOf('1.1.0-beta.2'), releaseOf('1.1.0-beta.10')], { installed: '1.1.0-beta.3' }),
      releaseAfterCandidate: choose([releaseOf('1.1.0')], { installed: '1.1.0-rc.1' }),
      candidateAfterRelease: choose([releaseOf('1.1.0-rc.1')], { installed: '1.1.0' }),
      build: choose([releaseOf('1.0.0+build.7')]),
    }).toEqual({
      betas: { '1.1.0-beta.10': 'upgrade', '1.1.0-beta.2': 'older' },
      releaseAfterCandidate: { '1.1.0': 'upgrade' },
      candidateAfterRelease: { '1.1.0-rc.1': 'older' },
      build: { '1.0.0+build.7': 'installed' },
    });
  });

  it('does not offer a release that is withdrawn, quarantined, below the floor, not allowed or not for this machine', () => {
    const releases = [
      releaseOf('1.7.0', { withdrawn: true }),
      releaseOf('1.6.0'),
      releaseOf('1.5.0', { minimumSystemVersion: '6.2' }),
      releaseOf('1.4.0', {
        artifacts: [artifactOf('1.4.0', { kind: 'deb' }), artifactOf('1.4.0', { arches: ['arm64'] })],
      }),
      releaseOf('1.3.0'),
      releaseOf('1.2.0', { minimumSystemVersion: '6.1' }),
      releaseOf('1.1.0'),
    ];
    expect(
      choose(releases, { quarantined: ['0.1.0', '1.6.0'], allowed: '<1.3 || >=1.4', versionFloor: '1.2.0' }),
    ).toEqual({
      '1.7.0': 'withdrawn',
      '1.6.0': 'quarantined',
      '1.5.0': 'system',
      '1.4.0': 'no-artifact',
      '1.3.0': 'not-allowed',
      '1.2.0': 'upgrade',
      '1.1.0': 'below-floor',
    });
  });

  it('does not guess if the system reports no version', () => {
    expect(choose([releaseOf('1.1.0', { minimumSystemVersion: '6.1' })], { systemVersion: '' })).toEqual({
      '1.1.0': 'system',
    });
  });

  it('prefers the first kind, then the architecture of the index, then universal', () => {
    const artifacts = [
      artifactOf('1.1.0', { arches: ['universal'] }),
      artifactOf('1.1.0', { arches: ['x64'] }),
      artifactOf('1.1.0', { kind: 'portable', arches: ['arm64', 'x64'] }),
      artifactOf('1.1.0', { kind: 'portable', arches: ['armv7l'] }),
    ];
    const chosen = (indexArch: Arch, nativeArch: string, arch: string, kinds = facts.kinds): unknown => {
      const index = indexOf([releaseOf('1.1.0', { artifacts })], { arch: indexArch });
      const selection = selectRelease(index, { ...facts, nativeArch, arch, kinds });
      return selection.type === 'offer' ? selection.artifact.arches : selection.others[0]?.reason;
    };
    expect({
      x64: chosen('x64', 'x64', 'x64'),
      arm64Process: chosen('x64', 'arm64', 'x64'),
      arm64Machine: chosen('arm64', 'arm64', 'x64'),
      universal: chosen('universal', 'constructor', 'x64'),
      portableFirst: chosen('x64', 'x64', 'x64', ['portable', 'appimage']),
      armv7l: chosen('armv7l', 'arm', 'arm', ['portable']),
      noArm64: chosen('x64', 'arm64', 'arm64'),
      noKinds: chosen('x64', 'x64', 'x64', []),
      otherKind: chosen('x64', 'x64', 'x64', ['deb']),
    }).toEqual({
      x64: ['x64'],
      arm64Process: ['x64'],
      arm64Machine: ['universal'],
      universal: ['universal'],
      portableFirst: ['arm64', 'x64'],
      armv7l: ['armv7l'],
      noArm64: 'no-artifact',
      noKinds: 'no-artifact',
      otherKind: 'no-artifact',
    });
  });

  it('is requested for the machine, then the process, then universal', () => {
    expect({
      emulated: archOrder({ nativeArch: 'arm64', arch: 'x64' }),
      arm: archOrder({ nativeArch: 'arm', arch: 'arm' }),
      unknown: archOrder({ nativeArch: 'riscv64', arch: 'constructor' }),
    }).toEqual({
      emulated: ['arm64', 'x64', 'universal'],
      arm: ['armv7l', 'universal'],
      unknown: ['universal'],
    });
  });
});

describe('rollout', () => {
  const bucket = rolloutBucket(facts.installId, 'org.example.notes', '1.2.0');

  it('offers a release to the buckets below its share, and the previous release to the others', () => {
    const at = (basisPoints: number): Record<string, string> =>
      choose([releaseOf('1.2.0', { rollout: { basisPoints } }), releaseOf('1.1.0')]);
    expect([at(bucket), at(bucket + 1)]).toEqual([
      { '1.2.0': 'rollout', '1.1.0': 'upgrade' },
      { '1.2.0': 'upgrade', '1.1.0': 'passed-over' },
    ]);
  });
});

describe('stepping stones', () => {
  it('goes through the stepping stone that a newer release requires', () => {
    const releases = [releaseOf('2.0.0', { requires: '>=1.5.0' }), releaseOf('1.5.0'), releaseOf('1.4.0')];
    expect([choose(releases), choose(releases, { installed: '1.5.0' })]).toEqual([
      { '2.0.0': 'comes-after', '1.5.0': 'upgrade to 2.0.0', '1.4.0': 'passed-over' },
      { '2.0.0': 'upgrade', '1.5.0': 'installed', '1.4.0': 'older' },
    ]);
  });

  it('does not skip the only stepping stone', () => {
    const releases = [
      releaseOf('3.0.0', { requires: '>=2.0.0 <2.5.0' }),
      releaseOf('2.6.0'),
      releaseOf('2.4.0'),
      releaseOf('2.3.0'),
    ];
    expect(choose(releases)).toMatchObject({ '2.4.0': 'upgrade to 3.0.0', '2.6.0': 'passed-over' });
  });

  it('reports an unreachable release', () => {
    expect(choose([releaseOf('2.0.0', { requires: '>=1.5.0' })])).toEqual({ '2.0.0': 'requires' });
    expect(choose([releaseOf('2.0.0', { requires: '>=1.5.0' }), releaseOf('1.5.0', { withdrawn: true })])).toEqual({
      '2.0.0': 'requires',
      '1.5.0': 'withdrawn',
    });
  });

  it('distinguishes unreachable releases from those passed over', () => {
    const releases = [releaseOf('3.0.0', { requires: '>=2.5.0' }), releaseOf('1.5.0'), releaseOf('1.4.0')];
    expect(choose(releases)).toEqual({ '3.0.0': 'requires', '1.5.0': 'upgrade', '1.4.0': 'passed-over' });
  });

  it('orders a pre-release by its precedence', () => {
    const releases = [releaseOf('2.0.0', { requires: '>=1.2.0' })];
    expect([choose(releases, { installed: '1.3.0-beta.1' }), choose(releases, { installed: '1.2.0-beta.1' })]).toEqual([
      { '2.0.0': 'upgrade' },
      { '2.0.0': 'requires' },
    ]);
  });
});

describe('the user', () => {
  const releases = [releaseOf('1.3.0'), releaseOf('1.2.0'), releaseOf('1.1.0')];

  it('may skip a version and all older ones, until a newer one is released', () => {
    expect([choose(releases, { skipped: ['1.3.0'] }), choose(releases, { skipped: ['0.9.0', '1.2.0'] })]).toEqual([
      { '1.3.0': 'skipped', '1.2.0': 'skipped', '1.1.0': 'skipped' },
      { '1.3.0': 'upgrade', '1.2.0': 'skipped', '1.1.0': 'skipped' },
    ]);
  });

  it('cannot skip a critical release, or one that includes its fix', () => {
    const [newest, ...rest] = releases;
    expect({
      critical: choose([releaseOf('1.3.0', { critical: true }), ...rest], { skipped: ['1.3.0'] })['1.3.0'],
      holdsCriticalFix: choose([releaseOf('1.3.0'), releaseOf('1.2.0', { critical: true })], { skipped: ['1.3.0'] })[
        '1.3.0'
      ],
      criticalWithdrawn: choose([releaseOf('1.3.0'), releaseOf('1.2.0', { critical: true, withdrawn: true })], {
        skipped: ['1.3.0'],
      })['1.3.0'],
      criticalInstalled: choose([releaseOf('1.3.0'), releaseOf('1.0.0', { critical: true })])['1.3.0'],
      isNewestCritical: newest?.critical,
    }).toEqual({
      critical: 'upgrade critical',
      holdsCriticalFix: 'upgrade critical',
      criticalWithdrawn: 'skipped',
      criticalInstalled: 'upgrade',
      isNewestCritical: false,
    });
  });

  it('gets a skipped version if it is the stepping stone to a newer one', () => {
    const stones = [releaseOf('2.0.0', { requires: '>=1.2.0' }), releaseOf('1.2.0')];
    expect(choose(stones, { skipped: ['1.2.0'] })).toEqual({ '2.0.0': 'comes-after', '1.2.0': 'upgrade to 2.0.0' });
  });

  it('gets the newest release despite a skipped version that is invalid', () => {
    expect(choose([releaseOf('1.1.0')], { skipped: ['latest', '__proto__'] })).toEqual({ '1.1.0': 'upgrade' });
  });
});

describe('a rollback or downgrade', () => {
  it('rolls back to a release that replaces the installed one, unless a newer one exists', () => {
    const back = releaseOf('1.4.0', { replaces: '1.4.1 || 1.4.2' });
    expect({
      rollback: choose([releaseOf('1.4.1'), back], { installed: '1.4.1' }),
      newer: choose([releaseOf('1.4.3'), releaseOf('1.4.1'), back], { installed: '1.4.1' }),
      alreadyNewer: choose([back], { installed: '1.4.3' }),
      withdrawn: choose([releaseOf('1.4.0', { replaces: '1.4.1', withdrawn: true })], { installed: '1.4.1' }),
    }).toEqual({
      rollback: { '1.4.1': 'installed', '1.4.0': 'rollback' },
      newer: { '1.4.3': 'upgrade', '1.4.1': 'installed', '1.4.0': 'older' },
      alreadyNewer: { '1.4.0': 'older' },
      withdrawn: { '1.4.0': 'withdrawn' },
    });
  });

  it('never offers the version again that it rolled back from', () => {
    const releases = [releaseOf('1.4.1'), releaseOf('1.4.0', { replaces: '1.4.1' })];
    expect(choose(releases, { installed: '1.4.0' })).toEqual({ '1.4.1': 'replaced', '1.4.0': 'installed' });
  });

  it('ignores `replaces` of a newer release', () => {
    expect(choose([releaseOf('1.4.0', { replaces: '*' })], { installed: '1.3.0' })).toEqual({ '1.4.0': 'upgrade' });
  });

  it('downgrades only if the user agreed, never below the floor, and prefers an upgrade', () => {
    const stable = [releaseOf('1.9.0'), releaseOf('1.8.0', { requires: '<1.0.0' }), releaseOf('1.7.0')];
    const beta = { installed: '2.0.0-beta.1' };
    expect({
      notAgreed: choose(stable, beta),
      agreed: choose(stable, { ...beta, allowDowngrade: true }),
      skipped: choose(stable, { ...beta, allowDowngrade: true, skipped: ['1.9.0'] }),
      belowFloor: choose(stable, { ...beta, allowDowngrade: true, versionFloor: '2.0.0-alpha.1' })['1.9.0'],
      upgradeFirst: choose([releaseOf('2.0.0'), ...stable], { ...beta, allowDowngrade: true })['2.0.0'],
      notOfThisChannel: choose(stable, { installed: '1.9.0', allowDowngrade: true })['1.7.0'],
    }).toEqual({
      notAgreed: { '1.9.0': 'older', '1.8.0': 'older', '1.7.0': 'older' },
      agreed: { '1.9.0': 'downgrade', '1.8.0': 'older', '1.7.0': 'older' },
      skipped: { '1.9.0': 'skipped', '1.8.0': 'older', '1.7.0': 'downgrade' },
      belowFloor: 'below-floor',
      upgradeFirst: 'upgrade',
      notOfThisChannel: 'older',
    });
  });
});

it('explains each verdict in a sentence', () => {
  const releases = [
    releaseOf('2.0.0', { requires: '>=1.5.0' }),
    releaseOf('1.6.0', { rollout: { basisPoints: 0 } }),
    releaseOf('1.4.0', { minimumSystemVersion: '7' }),
    releaseOf('1.3.0', { artifacts: [artifactOf('1.3.0', { kind: 'rpm' })] }),
  ];
  expect(selectRelease(indexOf(releases), facts).others.map(({ message }) => message)).toEqual([
    '2.0.0 can be installed only over >=1.5.0.',
    '1.6.0 is being rolled out to 0 % of installations, not yet to this one.',
    '1.4.0 needs system version 7; this one is 6.1.0.',
    '1.3.0 has no file for x64 that fits this installation (appimage for x64, universal).',
  ]);
});

it('explains the route that it takes', () => {
  const releases = [releaseOf('2.0.0', { requires: '>=1.5.0' }), releaseOf('1.5.0'), releaseOf('1.4.0')];
  expect(selectRelease(indexOf(releases), facts).others.map(({ message }) => message)).toEqual([
    '2.0.0 comes after 1.5.0, which must be installed first.',
    '1.4.0 is passed over in favour of 2.0.0.',
  ]);
});

it.each([{ installed: 'v1' }, { installed: '' }, { versionFloor: '1.0' }])(
  'refuses facts that are no versions: %o',
  (change) => {
    expect(() => selectRelease(indexOf([]), { ...facts, ...change })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  },
);
