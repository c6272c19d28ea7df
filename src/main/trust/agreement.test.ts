import { expect, it } from 'vitest';

import { app, artifactOf, releaseOf } from '../../../test/support/release-index.ts';
import { UpdateError } from '../../shared/errors.ts';
import type { Artifact } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type { ReleaseQuery } from '../ports.ts';
import { assertAgreement } from './agreement.ts';

const query: ReleaseQuery = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } };
const artifact = artifactOf('1.1.0');
const { path, length, sha256, arches, kind } = artifact;
const custom = { app, version: '1.1.0', platform: 'linux', arches, kind };
const target = { path, length, hashes: { sha256 }, custom, locations: [path] };

/** What index and metadata disagree about; `nothing` when they agree. */
function differing(offered: {
  readonly query?: ReleaseQuery;
  readonly artifact?: Partial<Artifact>;
  readonly target?: object;
  readonly custom?: object;
}): unknown {
  const described = { ...target, ...offered.target, custom: { ...custom, ...offered.custom } };
  try {
    assertAgreement(
      offered.query ?? query,
      releaseOf('1.1.0'),
      { ...artifact, ...offered.artifact },
      described as unknown as TrustedTarget,
    );
    return 'nothing';
  } catch (error) {
    return error instanceof UpdateError ? [error.code, error.details?.['differing']] : error;
  }
}

const elsewhere = artifactOf('1.0.0').path;

it.each<[string, Parameters<typeof differing>[0], string]>([
  ['another path', { target: { path: elsewhere } }, 'path'],
  ['a path of another release', { artifact: { path: elsewhere }, target: { path: elsewhere } }, 'path'],
  ['another length', { target: { length: 999 } }, 'length'],
  ['another hash', { target: { hashes: { sha256: 'cd'.repeat(32) } } }, 'sha256'],
  ['no sha256', { target: { hashes: { sha512: 'ab'.repeat(64) } } }, 'sha256'],
  ['another app', { custom: { app: 'org.example.other' } }, 'app'],
  ['another version', { custom: { version: '1.0.0' } }, 'version'],
  ['another platform', { custom: { platform: 'darwin' } }, 'platform'],
  ['another kind', { custom: { kind: 'deb' } }, 'kind'],
  ['fewer arches', { custom: { arches: [] } }, 'arches'],
  ['more arches', { custom: { arches: ['x64', 'arm64'] } }, 'arches'],
  [
    'one arch twice in place of two',
    { artifact: { arches: ['x64', 'arm64'] }, custom: { arches: ['x64', 'x64'] } },
    'arches',
  ],
  ['no list of arches', { custom: { arches: 'x64' } }, 'arches'],
  ['an arch that was not asked for', { query: { ...query, target: { platform: 'linux', arch: 'arm64' } } }, 'arch'],
])('index and metadata disagree: %s', (_what, offered, what) => {
  expect([differing({}), differing(offered)]).toEqual(['nothing', ['TRUST_DISAGREE', what]]);
});

it('what is for every arch is for the one that is asked for', () => {
  expect(differing({ artifact: { arches: ['universal'] }, custom: { arches: ['universal'] } })).toBe('nothing');
});
