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
import { createIdentityVerifier } from './trust/sigstore/identity-verifier.ts';
import { HttpTufClient } from './trust/tuf/client.ts';
import { verifyAnchor } from './trust/tuf/verify/verify-metadata.ts';

export interface ClientOptions {
  readonly config: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls' | 'publisher'>;
  readonly anchor: Anchor;
  /** Reads `trusted_root.json`, for Sigstore identities among the keys. @defaultValue none of them counts */
  readonly readTrustedRoot?: () => Promise<Uint8Array | undefined>;
  /** The private directory of this installation. It holds the trust store in `trust/`. */
  readonly directory: string;
  /** @defaultValue auto */
  readonly hashPrefix?: HashPrefix;
  /** The caller closes it. @defaultValue a client over Node's sockets, which {@link Client.close} closes */
  readonly http?: HttpClient;
  /** @defaultValue the device's clock */
  readonly clock?: Clock;
  /** @defaultValue none */
  readonly logger?: Logger;
  /** File in which the downloader stores the health of mirrors. @defaultValue it is not stored */
  readonly mirrorsFile?: string;
  /**
   * The bandwidth limit of downloads, in bytes per second. Read continuously, so it may change. @defaultValue no limit
   */
  readonly bytesPerSecond?: () => number | undefined;
  /** Pauses between retries while a repository may be changing. @defaultValue `defaultRetrySchedules` */
  readonly patience?: RetrySchedules;
}

/** Verification and download without the manager. The plugin and the command line use the same modules. */
export interface Client {
  readonly trust: ReleaseVerifier;
  /** TUF without publisher signatures, for targets of any repository. */
  readonly tuf: TufClient & TufHistory;
  readonly download: Downloader;
  close(): Promise<void>;
}

/** A client for plain Node. */
export function createClient(options: ClientOptions): Client {
  const http = options.http ?? nodeHttpClient();
  const client = composeClient({ ...options, http });
  return {
    ...client,
    async close() {
      if (options.http === undefined) await http.close();
    },
  };
}

/**
 * Composes trust and download. Reads and fetches nothing before their first use. An app that is bundled contains no HTTP
 * client of Node's, because nothing here imports one.
 */
export function composeClient(options: ClientOptions & Required<Pick<ClientOptions, 'http'>>): Omit<Client, 'close'> {
  const { config, anchor, directory, hashPrefix, clock = systemClock, logger = silentLogger } = options;
  const { mirrorsFile, bytesPerSecond } = options;
  const { metadataUrl, targetsUrls, publisher } = config;
  const { http } = options;
  const trustDirectory = join(directory, 'trust');
  const tuf = new HttpTufClient({
    anchor,
    metadataUrl,
    targetsUrls,
    directory: trustDirectory,
    http,
    clock,
    logger,
    ...omitUndefined({ hashPrefix, patience: options.patience, readTrustedRoot: options.readTrustedRoot }),
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
  };
}

/**
 * Checks that a threshold of its own keys signed a root.
 * @param trustedRoot Sigstore's, for identities among the keys
 * @throws UpdateError `TRUST_ROOT_INVALID`
 */
export async function assertRootIsSigned(root: Uint8Array, trustedRoot: Uint8Array | undefined): Promise<void> {
  await verifyAnchor(
    root,
    createIdentityVerifier(() => Promise.resolve(trustedRoot), silentLogger),
  );
}

/**
 * Verifies who built a file, offline: see `verifyProvenance()` of the trust module.
 * @throws UpdateError `TRUST_PROVENANCE_…`
 */
export { type Provenance, type ProvenancePolicy, verifyProvenance } from './trust/sigstore/provenance.ts';

/** A client over Node's sockets. Its module is loaded at the first request. */
function nodeHttpClient(): HttpClient {
  let loading: Promise<HttpClient> | undefined;
  const load = async (): Promise<HttpClient> => (await import('./http/node-client.ts')).createNodeHttpClient();
  return {
    get: async (url, request) => (await (loading ??= load())).get(url, request),
    close: async () => (await loading)?.close(),
  };
}
