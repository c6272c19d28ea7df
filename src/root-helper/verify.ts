import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { machine } from 'node:os';
import { join } from 'node:path';

import type { Clock, Logger, TrustedRelease } from '../main/ports.ts';
import type { TufClient } from '../main/trust/contract.ts';
import { createReleaseVerifier } from '../main/trust/index.ts';
import { HttpTufClient } from '../main/trust/tuf/client.ts';
import { UpdateError } from '../shared/errors.ts';
import type { HandOverRequest } from '../shared/native-package.ts';
import { findArtifact } from '../shared/release-index.ts';
import type { Arch } from '../shared/platform-target.ts';
import type { TrustedTarget } from '../shared/trusted-target.ts';
import { createHandOverClient, handOverUrl } from './hand-over-client.ts';
import { openMemory } from './memory.ts';
import type { OwnFiles } from './own-files.ts';
import { assertStep } from './step.ts';

export interface VerifyOptions {
  readonly own: OwnFiles;
  readonly request: HandOverRequest;
  /** A copy of the caller's signed metadata that only root can change. */
  readonly metadata: string;
  /**
   * The helper's own trust store. Roots, metadata versions, index revisions and publisher key sets only increase, whatever a
   * caller hands over.
   */
  readonly memory: string;
  readonly logger: Logger;
}

/** Handed-over metadata may have expired, because its user may have been offline. */
const beforeEveryExpiry: Clock = { now: () => -Infinity, after: () => () => undefined };

/**
 * Decides independently what may be installed. Verifies the TUF chain from the package's own root.json through every known
 * root (ignoring expiry), the publisher signatures, app, platform, architecture, revision and version.
 * @throws UpdateError `TRUST_…`, `INSTALL_VERIFY`, `INSTALL_DOWNGRADE`
 */
export async function verifyHandOver(options: VerifyOptions): Promise<TrustedRelease> {
  const { own, request, metadata, memory, logger } = options;
  const { app, publisher } = own.config;
  if (!archesHere().includes(request.arch)) {
    throw refused(`${request.arch} is not an architecture of this computer`);
  }
  const query = { app, channel: request.channel, target: { platform: 'linux', arch: request.arch } } as const;
  const tuf = new HttpTufClient({
    anchor: { type: 'root', bytes: own.root },
    readTrustedRoot: () => Promise.resolve(own.trustedRoot),
    metadataUrl: handOverUrl,
    targetsUrls: [],
    directory: memory,
    http: createHandOverClient(metadata, own.root, logger),
    clock: beforeEveryExpiry,
    patience: { quick: [], long: [] },
    logger,
  });
  const remembered = openMemory(memory, metadata, logger);
  const { store } = remembered;
  const trust = createReleaseVerifier({ tuf: readingFrom(metadata, tuf), store, publisher, logger });
  const index = await trust.releaseIndex(query);
  await remembered.keep();
  const release = index.releases.find(({ version }) => version === request.version);
  const artifact = release && findArtifact(release, own.kind, request.arch);
  if (release === undefined || artifact === undefined) {
    throw refused(`${request.version} is not among the signed releases of ${app}`);
  }
  assertStep(release, own.installed, own.config.versionFloor);
  return trust.artifact(query, release, artifact);
}

/** Opens the trust module over the handed-over files. */
function readingFrom(metadata: string, tuf: TufClient): TufClient {
  return {
    refresh: (options) => tuf.refresh(options),
    target: (path, options) => tuf.target(path, options),
    lookUpOffline: (path) => tuf.lookUpOffline(path),
    read: async (target, maxBytes) => {
      const bytes = await findByHash(metadata, target, maxBytes);
      if (bytes === undefined) throw refused(`${target.path} was not handed over`);
      return bytes;
    },
  };
}

/** Finds the artifact by its signed hash, because its name is not fixed. */
async function findByHash(directory: string, target: TrustedTarget, maxBytes: number): Promise<Buffer | undefined> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || target.length > maxBytes) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    const hashes = Object.entries(target.hashes);
    const isTarget =
      bytes.length === target.length &&
      hashes.every(([algorithm, hex]) => createHash(algorithm).update(bytes).digest('hex') === hex);
    if (isTarget) return bytes;
  }
  return undefined;
}

/** The architectures of this program and of the machine. */
function archesHere(): readonly Arch[] {
  const names: Readonly<Record<string, Arch>> = {
    x64: 'x64',
    x86_64: 'x64',
    arm64: 'arm64',
    aarch64: 'arm64',
    ia32: 'ia32',
    arm: 'armv7l',
    armv7l: 'armv7l',
  };
  return [process.arch, machine()].flatMap((name) => names[name] ?? []);
}

function refused(why: string): UpdateError {
  return new UpdateError('INSTALL_VERIFY', `Nothing was installed: ${why}. Check for updates again.`);
}
