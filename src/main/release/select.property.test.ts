import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, it } from 'vitest';

import { artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { ReleaseFacts } from './facts.ts';
import { rolloutBucket, rolloutShare } from './rollout.ts';
import { type Selection, selectRelease } from './select.ts';
import { isSystemAtLeast } from './system-version.ts';

const version = fc
  .tuple(fc.nat(2), fc.nat(3), fc.nat(1), fc.constantFrom('', '', '-beta.1', '-beta.10'))
  .map(([major, minor, patch, pre]) => `${major}.${minor}.${patch}${pre}`);
const range = fc.oneof(
  version.map((one) => `>=${one}`),
  version.map((one) => `^${one}`),
  fc.tuple(version, version).map(([from, to]) => `>=${from} <${to}`),
  fc.tuple(version, version).map(([one, other]) => `${one} || ${other}`),
);
const basisPoints = fc.constantFrom(0, 1, 5000, 9999, 10_000);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });
const release = fc
  .record({
    version,
    critical: fc.boolean(),
    withdrawn: fc.integer({ min: 0, max: 4 }).map((one) => one === 0),
    requires: maybe(range),
    replaces: maybe(range),
    rollout: maybe(basisPoints.map((one) => ({ basisPoints: one }))),
    minimumSystemVersion: maybe(fc.constantFrom('6', '6.2', '10')),
    kind: fc.constantFrom('appimage' as const, 'deb' as const),
    arch: fc.constantFrom('x64' as const, 'arm64' as const, 'universal' as const),
  })
  .map(({ version, kind, arch, requires, replaces, rollout, minimumSystemVersion, ...rest }) =>
    releaseOf(version, {
      ...rest,
      ...(requires === undefined ? {} : { requires }),
      ...(replaces === undefined ? {} : { replaces }),
      ...(rollout === undefined ? {} : { rollout }),
      ...(minimumSystemVersion === undefined ? {} : { minimumSystemVersion }),
      artifacts: [artifactOf(version, { kind, arches: [arch] })],
    }),
  );
const index = fc
  .uniqueArray(release, { maxLength: 12, selector: ({ version }) => version })
  .map((releases) => indexOf(releases));
const facts: fc.Arbitrary<ReleaseFacts> = fc
  .record({
    installed: version,
    versionFloor: maybe(version),
    allowed: maybe(range),
    skipped: fc.array(version, { maxLength: 2 }),
    quarantined: fc.array(version, { maxLength: 2 }),
    allowDowngrade: fc.boolean(),
    installId: fc.string(),
  })
  .map(({ versionFloor, allowed, ...rest }) => ({
    ...rest,
    kinds: ['appimage'],
    nativeArch: 'x64',
    arch: 'ia32',
    systemVersion: '6.1.0',
    now: Date.parse('2026-11-23T00:00:00Z'),
    ...(versionFloor === undefined ? {} : { versionFloor }),
    ...(allowed === undefined ? {} : { allowed }),
  }));

/** Runs a check over many selections. Counts the offers among them, so that no check is vacuous. */
function always(check: (selection: Selection, index: ReleaseIndex, facts: ReleaseFacts) => void): number {
  let offers = 0;
  fc.assert(
    fc.property(index, facts, (index, facts) => {
      const selection = selectRelease(index, facts);
      if (selection.type === 'offer') offers += 1;
      check(selection, index, facts);
    }),
    { numRuns: 3000, seed: 1 },
  );
  return offers;
}

describe('for every index and installation', () => {
  it('only offers releases that may run here', () => {
    const offers = always((selection, index, facts) => {
      if (selection.type === 'none') return;
      const { release, artifact } = selection;
      expect({
        listed: index.releases.includes(release) && release.artifacts.includes(artifact),
        withdrawn: release.withdrawn,
        quarantined: facts.quarantined?.includes(release.version),
        belowFloor: facts.versionFloor !== undefined && semver.lt(release.version, facts.versionFloor),
        allowed:
          facts.allowed === undefined || semver.satisfies(release.version, facts.allowed, { includePrerelease: true }),
        kind: artifact.kind,
        arch: artifact.arches.some((arch) => arch === 'x64' || arch === 'universal'),
        system: isSystemAtLeast(facts.systemVersion, release.minimumSystemVersion ?? '0'),
        inRollout: rolloutBucket(facts.installId, index.app, release.version) < rolloutShare(release, facts.now),
      }).toEqual({
        listed: true,
        withdrawn: false,
        quarantined: false,
        belowFloor: false,
        allowed: true,
        kind: 'appimage',
        arch: true,
        system: true,
        inRollout: true,
      });
    });
    expect(offers).toBeGreaterThan(300);
  });

  it('only goes back if the release says so or the user agreed, and never offers the installed version', () => {
    always((selection, _index, facts) => {
      if (selection.type === 'none') return;
      const { release, step } = selection;
      const order = semver.compare(release.version, facts.installed);
      const isReplacement = semver.satisfies(facts.installed, release.replaces ?? '<0.0.0-0', {
        includePrerelease: true,
      });
      expect({ step, order, agreed: step === 'rollback' ? isReplacement : facts.allowDowngrade }).toEqual(
        step === 'upgrade' ? { step, order: 1, agreed: facts.allowDowngrade } : { step, order: -1, agreed: true },
      );
    });
  });

  it('only takes steps that the releases allow', () => {
    always((selection, _index, facts) => {
      if (selection.type === 'none' || selection.step === 'rollback') return;
      const { requires } = selection.release;
      expect(requires === undefined || semver.satisfies(facts.installed, requires, { includePrerelease: true })).toBe(
        true,
      );
    });
  });

  it('terminates when every offer is installed, without repeating a version', () => {
    const longest = { steps: 0 };
    always((first, index, facts) => {
      const passed = [facts.installed];
      let selection = first;
      while (selection.type === 'offer') {
        expect(passed).not.toContain(selection.release.version);
        passed.push(selection.release.version);
        selection = selectRelease(index, { ...facts, installed: selection.release.version });
      }
      longest.steps = Math.max(longest.steps, passed.length);
    });
    expect(longest.steps).toBeGreaterThan(2);
  });

  it('reaches the version that it announces', () => {
    always((first, index, facts) => {
      if (first.type === 'none' || first.step !== 'upgrade') return;
      let [selection, installed]: [Selection, string] = [first, facts.installed];
      while (selection.type === 'offer' && installed !== first.towards) {
        installed = selection.release.version;
        selection = selectRelease(index, { ...facts, installed });
      }
      expect(semver.gte(installed, first.towards)).toBe(true);
    });
  });

  it('has a verdict on every release', () => {
    always((selection, index) => {
      const named = selection.others.map(({ version }) => version);
      const offered = selection.type === 'offer' ? [selection.release.version] : [];
      expect([...named, ...offered].toSorted()).toEqual(index.releases.map(({ version }) => version).toSorted());
    });
  });

  it('does not depend on the order of the index', () => {
    always((selection, index, facts) => {
      expect(selectRelease({ ...index, releases: index.releases.toReversed() }, facts)).toEqual(selection);
    });
  });
});
