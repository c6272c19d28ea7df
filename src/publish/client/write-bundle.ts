import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { tarEnd, tarHeader, tarPadding } from '../../files/tar.ts';
import { syncDirectory, temporarySuffix } from '../../files/write-atomic.ts';
import { createClient } from '../../main/client.ts';
import { createNodeHttpClient } from '../../main/http/node-client.ts';
import type { ReleaseQuery, TrustedRelease } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { ArtifactKind } from '../../shared/artifact-kinds.ts';
import type { Artifact, Release } from '../../shared/release-index.ts';
import type { Progress } from '../../shared/state.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { trustIn } from '../init/update-files.ts';
import { recordingHttp } from './recording-http.ts';
import { chooseRelease } from './verified-download.ts';

export interface BundleOptions {
  readonly config: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls' | 'publisher'>;
  /** The bytes of the `root.json` that the app embeds. The bundle contains every newer root. */
  readonly root: Uint8Array;
  /** The bytes of `trusted_root.json`. @defaultValue no Sigstore identity counts */
  readonly trustedRoot?: Uint8Array;
  readonly query: ReleaseQuery;
  /** @defaultValue the newest that is not withdrawn */
  readonly version?: string;
  /** @defaultValue every kind for the platform */
  readonly kind?: ArtifactKind;
  /** The file to write. */
  readonly out: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** What was written, as plain data. */
export interface BundleReport {
  readonly file: string;
  readonly version: string;
  readonly kinds: readonly ArtifactKind[];
  /** Bytes. */
  readonly length: number;
  /** ISO 8601: when the bundle's metadata expires. Apps accept it for another 30 days. */
  readonly expires: string;
}

/**
 * Writes one release and everything that an app needs to verify it into one file, for offline machines. Fetches as a new
 * installation does, verifies, and records the responses: metadata, release index and artifacts.
 * @throws UpdateError `TRUST_…`, `RELEASE_…`, `DOWNLOAD_…`
 */
export async function writeBundle(options: BundleOptions): Promise<BundleReport> {
  const { config, query, version, signal } = options;
  const work = await mkdtemp(join(tmpdir(), 'electron-tuf-bundle-'));
  const { http, recorded } = recordingHttp(createNodeHttpClient(), config);
  const client = createClient({ config, ...trustIn(options), directory: work, http });
  try {
    const trust = signal === undefined ? {} : { signal };
    const { expires } = await client.trust.refresh(trust);
    const release = chooseRelease(await client.trust.releaseIndex(query, trust), version);
    const found = [];
    for (const artifact of chooseArtifacts(release, options)) {
      found.push(await client.trust.artifact(query, release, artifact, trust));
    }
    // The recording ends here, because artifacts are downloaded in ranges to disk.
    const small = [...recorded()];
    const files = [];
    for (const [index, trusted] of found.entries()) {
      const { path } = await client.download.start({
        target: trusted.target,
        to: join(work, `artifact-${index}`),
        ...omitUndefined({ signal, onProgress: options.onProgress }),
      }).done;
      files.push({ name: nameOf(trusted), path, length: trusted.target.length });
    }
    const length = await writeTar(options.out, small, files);
    return {
      file: options.out,
      version: release.version,
      kinds: found.map(({ artifact }) => artifact.kind),
      length,
      expires,
    };
  } finally {
    await http.close();
    await rm(work, { recursive: true, force: true });
  }
}

function chooseArtifacts(release: Release, { query, kind }: BundleOptions): readonly Artifact[] {
  const { arch } = query.target;
  const fitting = release.artifacts.filter(
    (artifact) =>
      (artifact.arches.includes(arch) || artifact.arches.includes('universal')) &&
      (kind === undefined || artifact.kind === kind),
  );
  if (fitting.length > 0) return fitting;
  const kinds = release.artifacts.map((artifact) => artifact.kind).join(', ');
  throw new UpdateError(
    'RELEASE_NO_ARTIFACT',
    `${release.version} has no ${kind ?? 'file'} for ${formatPlatformTarget(query.target)}. There is: ${kinds}.`,
  );
}

function nameOf({ target }: TrustedRelease): string {
  return `targets/${decodeURIComponent(target.locations[0] ?? target.path)}`;
}

/** Writes beside `out` and renames, so an incomplete bundle never appears. Resolves to the length in bytes. */
async function writeTar(
  out: string,
  small: readonly (readonly [string, Uint8Array])[],
  files: readonly { readonly name: string; readonly path: string; readonly length: number }[],
): Promise<number> {
  await mkdir(dirname(out), { recursive: true });
  // Another user cannot know this name, and what already has it is not opened.
  const part = join(dirname(out), `.${basename(out)}.${randomBytes(6).toString('hex')}${temporarySuffix}`);
  const file = await open(part, 'wx', 0o666);
  let length = 0;
  const write = async (bytes: Uint8Array): Promise<void> => {
    await file.writeFile(bytes);
    length += bytes.length;
  };
  try {
    for (const [name, bytes] of small) {
      for (const piece of [tarHeader(name, bytes.length), bytes, tarPadding(bytes.length)]) await write(piece);
    }
    for (const { name, path, length } of files) {
      await write(tarHeader(name, length));
      for await (const piece of createReadStream(path)) await write(piece as Uint8Array);
      await write(tarPadding(length));
    }
    await write(tarEnd);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
  await file.close();
  await rename(part, out);
  await syncDirectory(dirname(out));
  return length;
}
