import { join } from 'node:path';

import { omitUndefined } from '../shared/omit-undefined.ts';
import type { UpdateConfig } from '../shared/update-config.ts';
import { createDownloader } from './download/index.ts';
import { systemClock } from './node/clock.ts';
import { silentLogger } from './node/logger.ts';
import type { Clock, Downloader, HttpClient, Logger, ReleaseVerifier } from './ports.ts';
import type { Anchor, HashPrefix, RetrySchedules, TufClient, TufHistory } from './trust/contract.ts';
import { createReleaseVerifier } from './trust/index.ts';
import { openPublisherStore } from './trust/publisher/publisher-store.ts';
import { HttpTufClient } from './trust/tuf/client.ts';

export interface ClientOptions {
  readonly config: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls' | 'publisher'>;
  readonly anchor: Anchor;
  /** The installation's private directory; the trust store is `trust/` in it. */
  readonly directory: string;
  /** @defaultValue auto */
  readonly hashPrefix?: HashPrefix;
  /** Closed by whoever made it. @defaultValue one over Node's sockets, closed with the client */
  readonly http?: HttpClient;
  /** @defaultValue the device's clock */
  readonly clock?: Clock;
  /** @defaultValue none */
  readonly logger?: Logger;
  /** Where the health of mirrors is kept. @defaultValue nowhere */
  readonly mirrorsFile?: string;
  /** The bandwidth cap of downloads, in bytes per second; asked anew all the time. @defaultValue none */
  readonly bytesPerSecond?: () => number | undefined;
  /** Pauses while a repository may be changing. @defaultValue the trust room's */
  readonly patience?: RetrySchedules;
}

/** Trust and download without the manager: what verifies and fetches in the plugin and in the command line alike. */
export interface Client {
  readonly trust: ReleaseVerifier;
  /** TUF alone, for targets of any repository. */
  readonly tuf: TufClient & TufHistory;
  readonly download: Downloader;
  close(): Promise<void>;
}

/** Wires trust and download. Nothing is read or fetched before their first use. */
export function createClient(options: ClientOptions): Client {
  const { config, anchor, directory, hashPrefix, clock = systemClock, logger = silentLogger } = options;
  const { mirrorsFile, bytesPerSecond } = options;
  const { metadataUrl, targetsUrls, publisher } = config;
  const http = options.http ?? nodeHttpClient();
  const trustDirectory = join(directory, 'trust');
  const tuf = new HttpTufClient({
    anchor,
    metadataUrl,
    targetsUrls,
    directory: trustDirectory,
    http,
    clock,
    logger,
    ...omitUndefined({ hashPrefix, patience: options.patience }),
  });
  return {
    tuf,
    trust: createReleaseVerifier({ tuf, store: openPublisherStore(trustDirectory, logger), publisher, logger }),
    download: createDownloader({
      baseUrls: targetsUrls,
      http,
      clock,
      logger,
      ...omitUndefined({ mirrorsFile, bytesPerSecond }),
    }),
    async close() {
      if (options.http === undefined) await http.close();
    },
  };
}

/** The client over Node's sockets, loaded with its first request: an app in Electron, which has its own, never loads it. */
function nodeHttpClient(): HttpClient {
  let loading: Promise<HttpClient> | undefined;
  const load = async (): Promise<HttpClient> => (await import('./http/node-client.ts')).createNodeHttpClient();
  return {
    get: async (url, request) => (await (loading ??= load())).get(url, request),
    close: async () => (await loading)?.close(),
  };
}
