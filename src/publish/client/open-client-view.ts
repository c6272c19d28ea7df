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
import type { ClientView } from './client-view.ts';

export interface ClientViewOptions {
  readonly config: UpdateConfig;
  /** The bytes of `root.json`. */
  readonly root: Uint8Array;
  readonly stateDirectory: string;
  /** Where the repository is served for now, when that is not yet where `config` says. */
  readonly servedAt?: Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls'>;
}

/** Through the plugin's own trust room: what it accepts is what installed apps accept. */
export function openClientView({ root, stateDirectory, servedAt, ...options }: ClientViewOptions): ClientView {
  const config = { ...options.config, ...servedAt };
  const http = createNodeHttpClient();
  const client = createClient({
    config,
    anchor: { type: 'root', bytes: root },
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
 * What is remembered of one repository for one app. Each app has publisher keys of its own: a key set that one app hands
 * over to says nothing about another.
 */
export function trustDirectory(
  stateDirectory: string,
  of: { readonly metadataUrl: string; readonly app?: string },
): string {
  const name = of.app === undefined ? of.metadataUrl : `${of.metadataUrl}\n${of.app}`;
  return join(stateDirectory, createHash('sha256').update(name).digest('hex').slice(0, 16));
}

/** A new index would begin at revision 1, and clients that saw a later one would refuse it. */
export function removed(revision: number): UpdateError {
  return new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository lists no release index any more, and this machine has seen revision ${revision}.`,
  );
}

/** An index in the repository that is not the publisher's: somebody had the online key, or the API. */
export function withWayBack(error: unknown): never {
  if (!(error instanceof UpdateError) || !/^TRUST_(PUBLISHER|INDEX)_/.test(error.code)) throw error;
  const rotated =
    error.code === 'TRUST_PUBLISHER_UNSIGNED'
      ? ' If you have changed the publisher keys in this update directory, hand over with "electron-tuf rotate-key" from the directory with the old keys.'
      : '';
  const how = `If it is not yours, put yours back with "electron-tuf publish --restore", and see docs/runbook.md.${rotated}`;
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

/** Headers are enough: what was hashed while it was stored needs not be fetched to see that it is served. */
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
