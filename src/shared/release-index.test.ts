import { describe, expect, it } from 'vitest';

import { parseReleaseIndex } from './release-index.ts';

const artifact = {
  kind: 'appimage',
  path: 'org.example.notes/releases/1.4.0/Notes-1.4.0.AppImage',
  length: 150_000_000,
  sha256: 'ab'.repeat(32),
  arches: ['x64'],
};
const release = { version: '1.4.0', releasedAt: '2026-11-22T10:00:00Z', artifacts: [artifact] };
const index = {
  schema: 1,
  revision: 41,
  app: 'org.example.notes',
  channel: 'stable',
  platform: 'linux',
  arch: 'x64',
  releases: [release],
};

function withRelease(change: Record<string, unknown>): unknown {
  return { ...index, releases: [{ ...release, ...change }] };
}

describe('parseReleaseIndex', () => {
  it('fills in optional fields', () => {
    expect(parseReleaseIndex(index)).toEqual({
      ...index,
      releases: [{ ...release, notes: {}, critical: false, withdrawn: false }],
    });
  });

  it('ignores unknown fields', () => {
    expect(parseReleaseIndex({ ...index, colour: 'green' })).not.toHaveProperty('colour');
  });

  it('drops notes under a prototype name', () => {
    const parsed = parseReleaseIndex(withRelease({ notes: JSON.parse('{"__proto__":"x","en":"y"}') as unknown }));
    expect(parsed.releases[0]?.notes).toEqual({ en: 'y' });
  });

  it('asks for a newer app if the schema is newer', () => {
    expect(() => parseReleaseIndex({ ...index, schema: 2 })).toThrow(
      expect.objectContaining({ code: 'TRUST_INDEX_SCHEMA' }),
    );
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['an array', []],
    ['no revision', { ...index, revision: undefined }],
    ['a fractional revision', { ...index, revision: 1.5 }],
    ['an unknown platform', { ...index, platform: 'constructor' }],
    ['too many releases', { ...index, releases: Array.from({ length: 21 }, () => release) }],
    ['a version that is no semver', withRelease({ version: '1.4' })],
    ['a version with a leading v', withRelease({ version: 'v1.4.0' })],
    ['a version with a path', withRelease({ version: '1.4.0-../x' })],
    ['no artifact', withRelease({ artifacts: [] })],
    ['a time that is none', withRelease({ releasedAt: 'yesterday' })],
    ['a rollout over 100 %', withRelease({ rollout: { basisPoints: 10_001 } })],
    ['a range that is none', withRelease({ requires: 'not a range' })],
    ['notes under a name that is no language', withRelease({ notes: { 'no language': 'x' } })],
    ['a path that leaves', withRelease({ artifacts: [{ ...artifact, path: '../x' }] })],
    ['a negative length', withRelease({ artifacts: [{ ...artifact, length: -1 }] })],
    ['an upper-case hash', withRelease({ artifacts: [{ ...artifact, sha256: 'AB'.repeat(32) }] })],
  ])('refuses %s', (_what, value) => {
    expect(() => parseReleaseIndex(value)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^TRUST_INDEX_(INVALID|SCHEMA)$/) }),
    );
  });
});
