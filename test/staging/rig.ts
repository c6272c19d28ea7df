import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { silentLogger } from '../../src/main/node/logger.ts';
import type { StagedUpdate, StagingArea, TrustedRelease } from '../../src/main/ports.ts';
import { StagingDirectory } from '../../src/main/staging/index.ts';
import type { ArtifactKind } from '../../src/shared/artifact-kinds.ts';
import { artifactOf, releaseOf } from '../support/release-index.ts';
import { systemClock } from '../support/system-clock.ts';
import { trustedTarget } from '../support/trusted-target.ts';

export const bytesOf = (version: string): Buffer => Buffer.alloc(40_000, `the app, ${version}. `);

/** A release as the trust module would verify it. */
export function releaseIn(version: string, kind: ArtifactKind = 'appimage'): TrustedRelease {
  const bytes = bytesOf(version);
  const target = trustedTarget(bytes, { path: `Notes-${version}.AppImage` });
  const artifact = artifactOf(version, { kind, length: bytes.length, sha256: target.hashes.sha256 ?? '' });
  return {
    query: { app: 'org.example.notes', channel: 'stable', target: { platform: 'linux', arch: 'x64' } },
    release: releaseOf(version, { artifacts: [artifact] }),
    artifact,
    target,
  };
}

export function openStaging(directory: string): StagingArea {
  return new StagingDirectory({ directory, clock: systemClock, logger: silentLogger });
}

/** A finished download as the downloader leaves it: durable, in its slot. */
export async function downloaded(staging: StagingArea, version: string, kind?: ArtifactKind): Promise<string> {
  const path = await staging.slot(releaseIn(version, kind));
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytesOf(version), { flush: true });
  return path;
}

export async function stage(staging: StagingArea, version: string, kind?: ArtifactKind): Promise<StagedUpdate> {
  const trusted = releaseIn(version, kind);
  const path = await staging.slot(trusted);
  return staging.stage({ path, target: trusted.target, bytesReceived: 0, bytesSaved: 0, requests: 0 }, trusted);
}

/**
 * What the next start finds of a version: `staged` (usable), `downloaded` (not downloaded again) or `nothing`. Also lists
 * all other files.
 */
export async function nextStart(
  directory: string,
  version: string,
): Promise<{ readonly has: string; readonly others: readonly string[] }> {
  const staging = openStaging(directory);
  await staging.cleanup();
  const staged = await staging.current();
  const slot = await staging.slot(releaseIn(version));
  const isDownloaded = await readFile(slot).then(
    (bytes) => bytes.equals(bytesOf(version)),
    () => false,
  );
  const file = staged?.version === version ? await staging.open(staged, releaseIn(version).target) : undefined;
  await file?.close();
  const expected = [`staged/${staged?.path.split('/').at(-1) ?? ''}`, `downloads/${slot.split('/').at(-1) ?? ''}`];
  const others = (await filesBelow(directory)).filter(
    (path) => !expected.includes(path) && !/^[a-z]+\.lock(-journal)?$/.test(path) && path !== 'staged/staged.json',
  );
  return { has: file !== undefined ? 'staged' : isDownloaded ? 'downloaded' : 'nothing', others };
}

export async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();
}
