import { UpdateError } from '../../shared/errors.ts';
import type { Artifact, Release } from '../../shared/release-index.ts';
import { artifactPath } from '../../shared/target-path.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type { ReleaseQuery } from '../ports.ts';

/**
 * Index and TUF metadata must say the same of an artifact: path, length, SHA-256, and in the signed `custom` the app,
 * version, platform, arches and kind. One signed file cannot stand in for another.
 * @throws UpdateError `TRUST_DISAGREE` naming what differs
 */
export function assertAgreement(
  query: ReleaseQuery,
  release: Release,
  artifact: Artifact,
  target: TrustedTarget,
): void {
  const { custom } = target;
  const fileName = artifact.path.slice(artifact.path.lastIndexOf('/') + 1);
  const claims: readonly (readonly [what: string, agrees: boolean])[] = [
    ['path', target.path === artifact.path && artifact.path === artifactPath(query.app, release.version, fileName)],
    ['length', target.length === artifact.length],
    ['sha256', target.hashes.sha256 === artifact.sha256],
    ['app', custom['app'] === query.app],
    ['version', custom['version'] === release.version],
    ['platform', custom['platform'] === query.target.platform],
    ['kind', custom['kind'] === artifact.kind],
    ['arches', isSameList(custom['arches'], artifact.arches)],
    ['arch', artifact.arches.includes(query.target.arch) || artifact.arches.includes('universal')],
  ];
  const differing = claims.filter(([, agrees]) => !agrees).map(([what]) => what);
  if (differing.length === 0) return;
  throw new UpdateError(
    'TRUST_DISAGREE',
    `The release index and the update metadata disagree about ${artifact.path}: ${differing.join(', ')}. Nothing was installed. The publisher must publish ${release.version} again.`,
    { details: { path: artifact.path, differing: differing.join(', ') } },
  );
}

function isSameList(value: unknown, expected: readonly string[]): boolean {
  return (
    Array.isArray(value) &&
    value.length === expected.length &&
    expected.every((one) => value.includes(one)) &&
    value.every((one) => expected.includes(String(one)))
  );
}
