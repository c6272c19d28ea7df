import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { digestBytes } from '../../files/hash-file.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import {
  type Client,
  createClient,
  type Provenance,
  type ProvenancePolicy,
  verifyProvenance,
} from '../../main/client.ts';
import { createNodeHttpClient } from '../../main/http/node-client.ts';
import type { ReleaseQuery } from '../../main/ports.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ArtifactKind } from '../../shared/artifact-kinds.ts';
import type { Artifact, Release, ReleaseIndex } from '../../shared/release-index.ts';
import type { Progress } from '../../shared/state.ts';
import type { TargetHashes, TrustedTarget } from '../../shared/trusted-target.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { trustDirectory } from './open-client-view.ts';
import { countingHttp } from './counting-http.ts';
import { localReleaseName, localTargetName } from './local-name.ts';

/** What to download: a release of an app, or any target of any TUF repository. */
export type DownloadSelection =
  | { readonly type: 'target'; readonly path: string }
  | {
      readonly type: 'release';
      readonly query: ReleaseQuery;
      /** @defaultValue the newest that is not withdrawn */
      readonly version?: string;
      /** Required if the release has several kinds for the platform. */
      readonly kind?: ArtifactKind;
    };

export interface DownloadOptions {
  readonly config: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls' | 'publisher'>;
  /** The bytes of `root.json`. @defaultValue the first root that the repository serves, which is pinned */
  readonly root?: Uint8Array;
  /** The bytes of `trusted_root.json`. @defaultValue no Sigstore identity counts */
  readonly trustedRoot?: Uint8Array;
  /** The file must have been built there. @defaultValue anywhere */
  readonly provenance?: { readonly bundle: Uint8Array; readonly policy: ProvenancePolicy };
  readonly hashPrefix?: 'auto' | 'yes' | 'no';
  readonly wanted: DownloadSelection;
  /** Directory to write into; created if missing. */
  readonly out: string;
  readonly stateDirectory: string;
  /** Bandwidth limit. @defaultValue none */
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was verified, as plain data. */
export interface DownloadReport {
  /** Path of the downloaded file. */
  readonly file: string;
  /** Target path. */
  readonly path: string;
  /** Absent for a plain target. */
  readonly version?: string;
  /** Bytes. */
  readonly length: number;
  readonly hashes: TargetHashes;
  readonly rootVersion: number;
  /** True if publisher keys signed the release index, too. */
  readonly publisherSigned: boolean;
  /** Who built it, if that was asked. */
  readonly provenance?: Provenance;
  /** HTTP requests, metadata included. */
  readonly requests: number;
  /** Body bytes received, metadata included. */
  readonly bytes: number;
  /** Bytes of the file that an earlier run had downloaded. */
  readonly saved: number;
}

/**
 * Downloads and verifies with the code that installed apps use. Resumes an interrupted download.
 * @throws UpdateError `TRUST_…`, `RELEASE_…`, `DOWNLOAD_…`
 */
export async function downloadVerified(options: DownloadOptions): Promise<DownloadReport> {
  const { config, root, hashPrefix, wanted, signal } = options;
  const { http, traffic } = countingHttp(createNodeHttpClient());
  const app = wanted.type === 'release' ? wanted.query.app : undefined;
  const directory = trustDirectory(options.stateDirectory, {
    metadataUrl: config.metadataUrl,
    ...omitUndefined({ app }),
  });
  const client = createClient({
    config,
    anchor: root === undefined ? { type: 'trust-on-first-use' } : { type: 'root', bytes: root },
    readTrustedRoot: () => Promise.resolve(options.trustedRoot),
    directory,
    http,
    mirrorsFile: join(directory, 'mirrors.json'),
    bytesPerSecond: () => options.bytesPerSecond,
    ...omitUndefined({ hashPrefix }),
  });
  try {
    const trust = signal === undefined ? {} : { signal };
    const { rootVersion } = await client.trust.refresh(trust);
    const { target, version } = await find(client, wanted, trust);
    const provenance = await provenanceOf(target, options);
    const { path: file, bytesSaved } = await fetchTo(client, target, options);
    return {
      file,
      path: target.path,
      ...omitUndefined({ version }),
      length: target.length,
      hashes: target.hashes,
      rootVersion,
      ...omitUndefined({ provenance }),
      publisherSigned: wanted.type === 'release' && config.publisher !== 'none',
      ...traffic,
      saved: bytesSaved,
    };
  } finally {
    await http.close();
  }
}

/** Before anything of the file is fetched: its verified metadata says its hash. */
async function provenanceOf(
  { path, hashes }: TrustedTarget,
  { provenance, trustedRoot }: DownloadOptions,
): Promise<Provenance | undefined> {
  if (provenance === undefined) return undefined;
  if (hashes.sha256 === undefined) {
    throw new UpdateError(
      'TRUST_PROVENANCE_INVALID',
      `${path} is listed without a sha256 hash, and a proof names only that.`,
    );
  }
  return verifyProvenance(provenance.bundle, hashes.sha256, provenance.policy, trustedRoot);
}

async function fetchTo(
  client: Client,
  target: TrustedTarget,
  { wanted, out, stateDirectory, signal, onProgress }: DownloadOptions,
): Promise<{ readonly path: string; readonly bytesSaved: number }> {
  try {
    await mkdir(out, { recursive: true });
  } catch (error) {
    throw new UpdateError('DOWNLOAD_DISK', `${out} cannot be created: ${textOf(error)}.`, { cause: error });
  }
  const name = wanted.type === 'target' ? localTargetName(target.path) : localReleaseName(target.path);
  const to = join(out, name);
  const place = digestBytes(Buffer.from(join(await realpath(out), name))).sha256.slice(0, 16);
  return client.download.start({
    target,
    to,
    // Not beside it: other users may be able to write there.
    lock: join(stateDirectory, `download-${place}.lock`),
    // The file is private during the download. Then it gets the mode of any new file of this user.
    mode: 0o666 & ~process.umask(),
    ...omitUndefined({ signal, onProgress }),
  }).done;
}

async function find(
  { trust, tuf }: Client,
  wanted: DownloadSelection,
  options: { readonly signal?: AbortSignal },
): Promise<{ readonly target: TrustedTarget; readonly version?: string }> {
  if (wanted.type === 'target') return { target: await tuf.target(wanted.path, options) };
  const { query, version, kind } = wanted;
  const index = await trust.releaseIndex(query, options);
  const release = chooseRelease(index, version);
  const { target } = await trust.artifact(query, release, chooseArtifact(release, query, kind), options);
  return { target, version: release.version };
}

/** @throws UpdateError `RELEASE_NOT_FOUND` naming the listed versions */
export function chooseRelease(index: ReleaseIndex, version: string | undefined): Release {
  const release = index.releases.find((one) => (version === undefined ? !one.withdrawn : one.version === version));
  if (release !== undefined) return release;
  const listed = index.releases.map((one) => (one.withdrawn ? `${one.version} (withdrawn)` : one.version)).join(', ');
  throw new UpdateError(
    'RELEASE_NOT_FOUND',
    `The channel ${index.channel} has ${version === undefined ? 'no release that is offered' : `no release ${version}`}. It lists: ${listed || 'nothing'}.`,
  );
}

/** @throws UpdateError `RELEASE_NO_ARTIFACT` naming the available kinds */
function chooseArtifact(release: Release, { target }: ReleaseQuery, kind: ArtifactKind | undefined): Artifact {
  const fitting = release.artifacts.filter(
    (artifact) => artifact.arches.includes(target.arch) || artifact.arches.includes('universal'),
  );
  const chosen = fitting.filter((artifact) => kind === undefined || artifact.kind === kind);
  const [only, second] = chosen;
  if (only !== undefined && second === undefined) return only;
  const kinds = fitting.map((artifact) => artifact.kind).join(', ');
  throw new UpdateError(
    'RELEASE_NO_ARTIFACT',
    only === undefined
      ? `${release.version} has no ${kind ?? 'file'} for ${formatPlatformTarget(target)}. There is: ${kinds || 'nothing'}.`
      : `${release.version} has several files for ${formatPlatformTarget(target)}. Choose one with --kind: ${kinds}.`,
  );
}
