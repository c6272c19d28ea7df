import { join } from 'node:path';

import { createClient } from './client.ts';
import type { Adapters, ResolvedOptions } from './compose.ts';
import { createInstaller } from './install/index.ts';
import { createBundleClient } from './http/bundle-client.ts';
import type { BundleServices, ServiceNeeds, Services } from './manager/update-manager.ts';
import { capOf, firstStartOf } from './manager/policy/settings.ts';
import type { Anchor } from './trust/contract.ts';
import type { HttpClient, ReleaseVerifier } from './ports.ts';
import { StagingDirectory } from './staging/index.ts';
import { UpdateError } from '../shared/errors.ts';
import { withOwnHeaders } from './http/own-headers.ts';
import type { Artifact } from '../shared/release-index.ts';

/** Wires the rooms. Loaded on the manager's first use of them, so that starting an app costs nothing. */
export async function createServices(
  options: ResolvedOptions,
  adapters: Adapters,
  { policy, assertWanted }: ServiceNeeds,
): Promise<Services> {
  const { host, openHttp, clock, logger, spawn, squirrel } = adapters;
  const { directory, publisher, windowsPublishers = [] } = options;
  const { metadataUrl = options.metadataUrl, mirrors: targetsUrls = options.targetsUrls } = policy;
  const anchor = await options.readAnchor();
  const { trust, download } = createClient({
    config: { metadataUrl, targetsUrls, publisher },
    anchor,
    directory,
    http: withHeaders(await openHttp(), options),
    clock,
    logger,
    mirrorsFile: join(directory, 'mirrors.json'),
    bytesPerSecond: capOf(options.settings.maxBytesPerSecond),
  });
  const staging = new StagingDirectory({ directory, clock, logger });
  const install = await createInstaller({
    facts: host.facts,
    directory,
    spawn,
    clock,
    logger,
    squirrel,
    windowsPublishers,
    trust,
    staging,
    assertWanted,
    limits: firstStartOf(options.settings.firstStart),
  });
  return {
    trust,
    download,
    staging,
    install,
    openBundle: async (path) => openBundle(path, { anchor, publisher, directory, clock, logger }),
  };
}

/** Also where an administrator names other servers: what an app sends is for its own. */
function withHeaders(http: HttpClient, { metadataUrl, targetsUrls, requestHeaders }: ResolvedOptions): HttpClient {
  return requestHeaders === undefined ? http : withOwnHeaders(http, [metadataUrl, ...targetsUrls], requestHeaders);
}

/**
 * The very trust and download rooms, over the files of a bundle and the same trust store. Everything is verified as
 * online. Only time is judged more mildly: a bundle travels, so its metadata may have expired up to 30 days ago.
 */
async function openBundle(
  path: string,
  {
    anchor,
    publisher,
    ...shared
  }: Pick<ResolvedOptions, 'publisher' | 'directory'> &
    Pick<Adapters, 'clock' | 'logger'> & { readonly anchor: Anchor },
): Promise<BundleServices> {
  const { http, metadataUrl, targetsUrl, has } = await createBundleClient(path);
  const { trust, download } = createClient({
    ...shared,
    config: { metadataUrl, targetsUrls: [targetsUrl], publisher },
    anchor,
    http,
    clock: { ...shared.clock, now: () => shared.clock.now() - bundleGraceMs },
  });
  return { trust: offeringOnly(has, trust), download, close: () => http.close() };
}

/**
 * The index of a channel lists more than a bundle holds: for what is chosen, a release has the artifacts that are there.
 * Of the architectures that fit, it holds one.
 */
export function offeringOnly(isThere: (artifact: Artifact) => boolean, trust: ReleaseVerifier): ReleaseVerifier {
  return {
    ...trust,
    async releaseIndex(query, options) {
      const index = await trust.releaseIndex(query, options).catch(notInBundle);
      const releases = index.releases.map((release) => ({ ...release, artifacts: release.artifacts.filter(isThere) }));
      return { ...index, releases };
    },
  };
}

function notInBundle(error: unknown): never {
  if (!(error instanceof UpdateError) || error.code !== 'TRUST_FILE_MISSING') throw error;
  throw new UpdateError('TRUST_TARGET_UNKNOWN', 'The bundle holds no releases for this computer.', { cause: error });
}

/** Milliseconds by which the metadata of a bundle may have expired. */
const bundleGraceMs = 30 * 24 * 60 * 60_000;
