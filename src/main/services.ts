import { join } from 'node:path';

import { omitUndefined } from '../shared/omit-undefined.ts';
import { composeClient } from './client.ts';
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

/** Composes what the manager works with. This module is loaded at its first use, so that starting an app stays fast. */
export async function createServices(
  options: ResolvedOptions,
  adapters: Adapters,
  { policy, assertWanted }: ServiceNeeds,
): Promise<Services> {
  const { host, openHttp, clock, logger, spawn, squirrel } = adapters;
  const { directory, publisher, windowsPublishers = [] } = options;
  const { metadataUrl = options.metadataUrl, mirrors: targetsUrls = options.targetsUrls } = policy;
  const anchor = await options.readAnchor();
  const http = await openHttp();
  const { trust, download } = composeClient({
    config: { metadataUrl, targetsUrls, publisher },
    anchor,
    ...omitUndefined({ readTrustedRoot: options.readTrustedRoot }),
    directory,
    http: withHeaders(http, options),
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
    openBundle: async (path) =>
      openBundle(path, {
        anchor,
        publisher,
        directory,
        clock,
        logger,
        ...omitUndefined({ readTrustedRoot: options.readTrustedRoot }),
      }),
    close: () => http.close(),
  };
}

/** Only the app's own servers get its headers, also if an administrator's policy names other servers. */
function withHeaders(http: HttpClient, { metadataUrl, targetsUrls, requestHeaders }: ResolvedOptions): HttpClient {
  return requestHeaders === undefined ? http : withOwnHeaders(http, [metadataUrl, ...targetsUrls], requestHeaders);
}

/**
 * Trust and download over the files of a bundle, with the same trust store and the same verification as online. Metadata
 * may have expired up to 30 days ago, because a bundle takes time to reach the user.
 */
async function openBundle(
  path: string,
  {
    anchor,
    publisher,
    ...shared
  }: Pick<ResolvedOptions, 'publisher' | 'directory' | 'readTrustedRoot'> &
    Pick<Adapters, 'clock' | 'logger'> & { readonly anchor: Anchor },
): Promise<BundleServices> {
  const { http, metadataUrl, targetsUrl, has } = await createBundleClient(path);
  const { trust, download } = composeClient({
    ...shared,
    config: { metadataUrl, targetsUrls: [targetsUrl], publisher },
    anchor,
    http,
    clock: { ...shared.clock, now: () => shared.clock.now() - bundleGraceMs },
  });
  return { trust: offeringOnly(has, trust), download, close: () => http.close() };
}

/**
 * Removes artifacts that the bundle does not hold from the release index: a channel's index lists more releases, and a
 * bundle holds only one of the architectures that fit.
 */
export function offeringOnly(isInBundle: (artifact: Artifact) => boolean, trust: ReleaseVerifier): ReleaseVerifier {
  return {
    ...trust,
    async releaseIndex(query, options) {
      const index = await trust.releaseIndex(query, options).catch(notInBundle);
      const releases = index.releases.map((release) => ({
        ...release,
        artifacts: release.artifacts.filter(isInBundle),
      }));
      return { ...index, releases };
    },
  };
}

function notInBundle(error: unknown): never {
  if (!(error instanceof UpdateError) || error.code !== 'TRUST_FILE_MISSING') throw error;
  throw new UpdateError('TRUST_TARGET_UNKNOWN', 'The bundle holds no releases for this computer.', { cause: error });
}

/** How long ago the metadata of a bundle may have expired, in milliseconds. */
const bundleGraceMs = 30 * 24 * 60 * 60_000;
