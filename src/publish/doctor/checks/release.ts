import { isCompressedInside } from '../../delta/delta-report.ts';
import { adviceFor } from '../../decompress/decompress-build.ts';
import { type Finding, findingsAbout } from './finding.ts';

/** What a client finds for one platform target. */
export interface PlatformRelease {
  /** `linux-x64` */
  readonly platform: string;
  readonly channel: string;
  readonly outcome:
    | {
        readonly type: 'verified';
        readonly version: string;
        readonly revision: number;
        readonly artifacts: readonly ArtifactFacts[];
        /** The revision of the newer key set in the index. */
        readonly handedOn?: number;
      }
    | { readonly type: 'nothing-offered'; readonly revision: number }
    | { readonly type: 'failed'; readonly code: string; readonly message: string };
}

export interface ArtifactFacts {
  /** Target path. */
  readonly path: string;
  readonly kind: string;
  /** Bytes. */
  readonly length: number;
  /** Bytes of its pack; `undefined` without one. */
  readonly packLength?: number;
}

/** @param embeddedRevision the revision of the key set in `update.json`; `undefined` without publisher keys */
export function checkReleases(
  releases: readonly PlatformRelease[],
  channel: string,
  embeddedRevision: number | undefined,
): readonly Finding[] {
  if (releases.length === 0) {
    return [
      findingsAbout('Release').warn(
        `Nothing is published on the channel ${channel} yet.`,
        'Publish a build with "electron-tuf publish".',
      ),
    ];
  }
  const newest = Math.max(
    0,
    ...releases.map(({ outcome }) => (outcome.type === 'verified' ? (outcome.handedOn ?? 0) : 0)),
  );
  return [
    ...releases.flatMap(checkRelease),
    ...(embeddedRevision === undefined || newest <= embeddedRevision
      ? []
      : [
          findingsAbout('Publisher keys').warn(
            `The release index hands over to set ${newest}; update.json has set ${embeddedRevision}.`,
            'Run "electron-tuf init" with the new public keys, and ship a build with it.',
          ),
        ]),
  ];
}

function checkRelease({ platform, channel, outcome }: PlatformRelease): readonly Finding[] {
  const about = findingsAbout(platform);
  if (outcome.type === 'failed') {
    return [about.fail(`${outcome.code}: ${outcome.message}`, 'Publish the release again, or see docs/runbook.md.')];
  }
  if (outcome.type === 'nothing-offered') {
    return [about.warn(`Every release on ${channel} is withdrawn.`, 'Publish a newer one.')];
  }
  const kinds = outcome.artifacts.map(({ kind }) => kind).join(', ');
  return [
    about.ok(`${outcome.version} on ${channel} verifies (${kinds}; revision ${outcome.revision})`),
    ...outcome.artifacts.flatMap((artifact) => checkSize(platform, artifact)),
  ];
}

function checkSize(platform: string, { path, length, packLength }: ArtifactFacts): readonly Finding[] {
  const about = findingsAbout(platform);
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (packLength === undefined) {
    return [about.warn(`${name} is transferred whole at each update.`, 'Publish without --no-deltas.')];
  }
  if (!isCompressedInside(packLength, length)) return [];
  return [about.warn(`${name} is compressed inside, so its updates are large.`, adviceFor(name))];
}
