import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { machine } from 'node:os';
import { join } from 'node:path';

import type { HttpClient, Logger, TrustedRelease } from '../main/ports.ts';
import type { TrustStore, TufClient } from '../main/trust/contract.ts';
import { createReleaseVerifier } from '../main/trust/index.ts';
import { HttpTufClient } from '../main/trust/tuf/client.ts';
import { UpdateError } from '../shared/errors.ts';
import type { HandOverRequest } from '../shared/native-package.ts';
import { findArtifact } from '../shared/release-index.ts';
import type { Arch } from '../shared/platform-target.ts';
import type { TrustedTarget } from '../shared/trusted-target.ts';
import { openMemory } from './memory.ts';
import type { OwnFiles } from './own-files.ts';
import { assertStep } from './step.ts';

export interface VerifyOptions {
  readonly own: OwnFiles;
  readonly request: HandOverRequest;
  /** A copy of the caller's signed metadata, where only root can change it. */
  readonly metadata: string;
  /** What root remembers: index revisions and publisher key sets only go forwards, whatever a caller hands over. */
  readonly memory: string;
  readonly logger: Logger;
}

const offline: HttpClient = {
  get: () => Promise.reject(new UpdateError('DOWNLOAD_OFFLINE', 'The root side works without a network.')),
  close: () => Promise.resolve(),
};

/**
 * Decides once more, and alone, what may be installed: TUF chain from the package's own root.json (offline, expiry
 * ignored), publisher signatures, app, platform, architecture, revision and version.
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
    metadataUrl: 'https://offline.invalid/',
    targetsUrls: [],
    directory: metadata,
    http: offline,
    clock: { now: () => Date.now(), after: () => () => undefined },
    logger,
  });
  const remembered = openMemory(memory, tuf.store, logger);
  const trust = createReleaseVerifier({ tuf: offlineClient(tuf, metadata, remembered.store), publisher, logger });
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

/** The trust room's own way, over what was handed over instead of a network, and with root's memory. */
function offlineClient(tuf: TufClient, metadata: string, store: TrustStore): TufClient {
  return {
    store,
    refresh: (options) => tuf.refresh(options),
    lookUpOffline: (path) => tuf.lookUpOffline(path),
    async target(path) {
      const target = await tuf.lookUpOffline(path);
      if (target !== undefined) return target;
      throw new UpdateError('TRUST_TARGET_UNKNOWN', `Nothing was installed: ${path} is not among the signed files.`);
    },
    read: async (target, maxBytes) => {
      const bytes = await findByHash(metadata, target, maxBytes);
      if (bytes === undefined) throw refused(`${target.path} was not handed over`);
      return bytes;
    },
  };
}

/** No name is agreed on: what has the signed hash is the file. */
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

/** This program's architecture and the machine's own. */
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
