import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { createClient } from '../../main/client.ts';
import { createNodeHttpClient } from '../../main/http/node-client.ts';
import { displayUrl } from '../../main/http/secure-url.ts';
import type { HttpClient } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { maxReleaseIndexBytes } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { digestBytes } from '../../files/hash-file.ts';
import { trustIn } from '../init/update-files.ts';
import type { ClientView } from './client-view.ts';

export interface ClientViewOptions {
  readonly config: UpdateConfig;
  /** The bytes of `root.json`. */
  readonly root: Uint8Array;
  /** The bytes of `trusted_root.json`. @defaultValue no Sigstore identity counts */
  readonly trustedRoot?: Uint8Array;
  readonly stateDirectory: string;
  /** The repository's addresses for this view. @defaultValue those of `config` */
  readonly servedAt?: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls'>;
}

/** Opens a view through the trust module of the plugin, so it accepts exactly what installed apps accept. */
export function openClientView({ stateDirectory, servedAt, ...options }: ClientViewOptions): ClientView {
  const config = { ...options.config, ...servedAt };
  const http = createNodeHttpClient();
  const client = createClient({
    config,
    ...trustIn(options),
    directory: trustDirectory(stateDirectory, options.config),
    http,
  });
  return {
    refresh: async () => void (await client.trust.refresh()),
    async target(path) {
      try {
        return await orUnknown(client.trust.target(path));
      } catch (error) {
        if (!(error instanceof UpdateError) || error.code !== 'TRUST_EXPIRED') throw error;
        return client.tuf.targetDespiteExpiry(path);
      }
    },
    visibleTarget: async (path) => orUnknown(client.trust.target(path)),
    isCovered: async (path) => client.tuf.isCovered(path),
    history: (path) => client.tuf.history(path),
    releaseIndex: async (query) => orUnknown(client.trust.releaseIndex(query)).catch(withWayBack),
    async readIndex(query, listed) {
      const known = await client.trust.rememberedIndex(query);
      const isKnown = known !== undefined && digestBytes(known.bytes).sha256 === listed.hashes.sha256;
      return isKnown ? known.bytes : client.tuf.read(listed, maxReleaseIndexBytes);
    },
    verifyIndex: async (query, bytes) => client.trust.verifyIndex(bytes, query).catch(withWayBack),
    rememberedIndex: async (query) => client.trust.rememberedIndex(query),
    assertServed: async (target) => assertServed(http, config.targetsUrls[0] ?? '', target),
    async close() {
      await client.close();
      await http.close();
    },
  };
}

/**
 * The directory for the verified state of one repository and one app. Apps do not share it, because each app has its own
 * publisher keys.
 */
export function trustDirectory(
  stateDirectory: string,
  of: { readonly metadataUrl: string; readonly app?: string },
): string {
  const name = of.app === undefined ? of.metadataUrl : `${of.metadataUrl}\n${of.app}`;
  return join(stateDirectory, createHash('sha256').update(name).digest('hex').slice(0, 16));
}

/**
 * The error for an index that the repository no longer lists. A new index would start at revision 1, and clients that
 * have seen a later one would refuse it.
 */
export function removed(revision: number): UpdateError {
  return new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository no longer lists a release index, but this machine has seen revision ${revision}.`,
  );
}

/**
 * Adds advice to the error for an index that the publisher did not sign: someone with the online key, or with access to
 * the API, may have registered it.
 */
export function withWayBack(error: unknown): never {
  if (!(error instanceof UpdateError) || !/^TRUST_(PUBLISHER|INDEX)_/.test(error.code)) throw error;
  const rotated =
    error.code === 'TRUST_PUBLISHER_UNSIGNED'
      ? ' If you have changed the publisher keys in this update directory, hand over with "electron-tuf rotate-key" from the directory with the old keys.'
      : '';
  const how = `If you did not publish it, restore yours with "electron-tuf publish --restore", and see docs/runbook.md.${rotated}`;
  throw new UpdateError(error.code, `${error.message} ${how}`, { cause: error });
}

async function orUnknown<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UpdateError && error.code === 'TRUST_TARGET_UNKNOWN') return undefined;
    throw error;
  }
}

/** Requests the file and reads only the headers, because its bytes were hashed when they were stored. */
async function assertServed(
  http: HttpClient,
  targetsUrl: string,
  target: Pick<TrustedTarget, 'path' | 'length' | 'locations'>,
): Promise<void> {
  const base = targetsUrl.endsWith('/') ? targetsUrl : `${targetsUrl}/`;
  const url = new URL(target.locations[0] ?? target.path, base).href;
  const response = await http.get(url, { maxBytes: target.length });
  response.cancel();
  const length = response.headers['content-length'];
  if (response.status === 200 && (length === undefined || Number(length) === target.length)) return;
  const found =
    response.status === 200 ? `a file of ${length} bytes instead of ${target.length}` : `an error ${response.status}`;
  throw new UpdateError('DOWNLOAD_NOT_FOUND', `${displayUrl(url)} is not served: the content server has ${found}.`);
}
