import { describe, expect, it } from 'vitest';

import { keySetOf, publisherKey } from '../../../test/support/publisher.ts';
import { app, artifactOf, indexOf, releaseOf } from '../../../test/support/release-index.ts';
import type { ReleaseQuery } from '../../main/ports.ts';
import { changePolicy, mergeRelease, type ReleaseDraft } from './merge-release.ts';
import type { ReleasePolicy } from './release-policy.ts';

const query: ReleaseQuery = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } };

function draftOf(version: string, change: Partial<ReleaseDraft> = {}): ReleaseDraft {
  return { version, releasedAt: '2026-11-01T00:00:00Z', artifacts: [artifactOf(version)], policy: {}, ...change };
}

describe('merging a release into an index', () => {
  it('starts with revision 1', () => {
    expect(mergeRelease(query, undefined, draftOf('1.0.0'))).toEqual({
      index: indexOf([releaseOf('1.0.0')]),
      changed: true,
      dropped: [],
    });
  });

  it('puts the newest release first and increments the revision', () => {
    const previous = indexOf([releaseOf('2.0.0'), releaseOf('1.0.0')], { revision: 7 });
    expect(mergeRelease(query, previous, draftOf('1.5.0')).index).toEqual(
      indexOf([releaseOf('2.0.0'), releaseOf('1.5.0'), releaseOf('1.0.0')], { revision: 8 }),
    );
  });

  it('changes nothing the second time', () => {
    const { index } = mergeRelease(query, undefined, draftOf('1.0.0', { policy: { critical: true } }));
    const again = mergeRelease(query, index, draftOf('1.0.0', { releasedAt: '2026-12-24T00:00:00Z' }));
    expect(again).toEqual({ index, changed: false, dropped: [] });
  });

  it('adds files to a release, changes its policy and keeps the rest', () => {
    const previous = indexOf([releaseOf('1.0.0', { notes: { en: 'old' }, critical: true })]);
    const deb = artifactOf('1.0.0', { kind: 'deb', path: `${app}/releases/1.0.0/notes.deb` });
    const policy = { rollout: { basisPoints: 500 } };
    expect(mergeRelease(query, previous, draftOf('1.0.0', { artifacts: [deb], policy })).index.releases).toEqual([
      releaseOf('1.0.0', { notes: { en: 'old' }, critical: true, ...policy, artifacts: [artifactOf('1.0.0'), deb] }),
    ]);
  });

  it('refuses other bytes for a published path', () => {
    const other = [artifactOf('1.0.0', { sha256: 'cd'.repeat(32) })];
    const merge = () => mergeRelease(query, indexOf([releaseOf('1.0.0')]), draftOf('1.0.0', { artifacts: other }));
    expect(merge).toThrow(expect.objectContaining({ code: 'PUBLISH_IMMUTABLE' }));
  });

  it('refuses a second file of the same kind and architecture, which clients would never take', () => {
    const other = [artifactOf('1.0.0', { path: `${app}/releases/1.0.0/Notes-again.AppImage` })];
    const merge = () => mergeRelease(query, indexOf([releaseOf('1.0.0')]), draftOf('1.0.0', { artifacts: other }));
    expect(merge).toThrow(expect.objectContaining({ code: 'PUBLISH_IMMUTABLE' }));
    expect(merge).toThrow(/Notes-again\.AppImage would reach nobody/);
  });

  it('refuses a withdrawn version, unless it is to be offered again', () => {
    const previous = indexOf([releaseOf('1.0.0', { withdrawn: true })]);
    expect(() => mergeRelease(query, previous, draftOf('1.0.0'))).toThrow(/--unwithdraw 1\.0\.0/);
    const offered = mergeRelease(query, previous, draftOf('1.0.0', { policy: { withdrawn: false } }));
    expect(offered.index.releases).toEqual([releaseOf('1.0.0')]);
  });

  it('hands over to new publisher keys', () => {
    const next = keySetOf([publisherKey()], 1, 2);
    expect(mergeRelease(query, indexOf([releaseOf('1.0.0')]), draftOf('1.0.0'), { publisher: next })).toMatchObject({
      changed: true,
      index: { revision: 2, publisher: next },
    });
  });

  it('reports the versions that it removes', () => {
    const previous = indexOf(Array.from({ length: 20 }, (_, minor) => releaseOf(`1.${19 - minor}.0`)));
    const { index, dropped } = mergeRelease(query, previous, draftOf('2.0.0'));
    expect({ dropped, length: index.releases.length }).toEqual({ dropped: ['1.0.0'], length: 20 });
  });

  it.each<[string, ReleasePolicy]>([
    ['a rollout that ends before it starts', { rollout: { basisPoints: 1, completeAt: '2026-10-01T00:00:00Z' } }],
    ['a requirement that no older version meets', { requires: '>=1.0.1' }],
    ['a replacement of older versions', { replaces: '<1.0.0' }],
    ['an invalid range', { requires: 'banana' }],
    ['an invalid system version', { minimumSystemVersion: 'Windows 11' }],
    ['an invalid language', { notes: { 'not a language': 'x' } }],
  ])('refuses %s', (_what, policy) => {
    const merge = () => mergeRelease(query, undefined, draftOf('1.0.0', { policy }));
    expect(merge).toThrow(expect.objectContaining({ code: 'PUBLISH_INPUT' }));
  });
});

describe('changing a policy', () => {
  const previous = indexOf([releaseOf('1.1.0'), releaseOf('1.0.0')]);

  it('withdraws a release only once', () => {
    const { index } = changePolicy(query, previous, '1.1.0', { withdrawn: true });
    expect(index).toEqual(indexOf([releaseOf('1.1.0', { withdrawn: true }), releaseOf('1.0.0')], { revision: 2 }));
    expect(changePolicy(query, index, '1.1.0', { withdrawn: true }).changed).toBe(false);
  });

  it('names the listed versions when asked for another one', () => {
    expect(() => changePolicy(query, previous, '9.9.9', {})).toThrow(/9\.9\.9 is not listed.*1\.1\.0, 1\.0\.0/);
  });
});
