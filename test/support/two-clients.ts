import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Fetcher, Updater } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';

import { createWriteThroughStore } from '../../src/main/trust/write-through-store.ts';
import { findTarget } from '../../src/main/trust/tuf/workflow/find-target.ts';
import { limits } from '../../src/main/trust/tuf/metadata/limits.ts';
import { createMetadataCache, type MetadataCache } from '../../src/main/trust/tuf/store/metadata-cache.ts';
import { refreshMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

/** What a client says of a repository: versions and what it found, or why not. */
export interface Verdict {
  /** `root timestamp snapshot targets`, when the refresh succeeded. */
  readonly versions: string | undefined;
  /** For each path: its length, `none`, or `refused`. */
  readonly found: readonly string[];
  /** Of every refusal. */
  readonly reasons: readonly string[];
}

/** A web server. `undefined` is a file that it does not have. */
export type Files = (name: string) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** A client that keeps what it saw from one repository state to the next. */
export interface Contender {
  check(files: Files, paths: readonly string[]): Promise<Verdict>;
  close(): Promise<void>;
}

/** What a new process remembers: what its store holds. */
export function newMemory(store: MemoryStore): MetadataCache {
  return createMetadataCache(store, createWriteThroughStore(store, limits.targets.bytes));
}

/** Ours, on a store without a disk; like a new process at each check. */
export function ourClient(anchor: Uint8Array, store: MemoryStore = createMemoryStore()): Contender {
  return {
    async check(files, paths) {
      const fetch = async (name: string): Promise<Uint8Array | undefined> => files(name);
      return verdict(paths, async () => {
        const session = await refreshMetadata({ anchor, cache: newMemory(store), now: Date.now(), fetch });
        const { root, timestamp, snapshot, targets } = session;
        return {
          versions: [root, timestamp, snapshot, targets].map(({ version }) => version).join(' '),
          look: async (path) => (await findTarget(session, path))?.signed.length,
        };
      });
    },
    close: () => Promise.resolve(),
  };
}

/** tuf-js, the yardstick, on a directory; a new `Updater` for each check. */
export async function tufJsClient(anchor: Uint8Array): Promise<Contender> {
  const directory = await mkdtemp(join(tmpdir(), 'tuf-js-'));
  await writeFile(join(directory, 'root.json'), anchor);
  return {
    async check(files, paths) {
      return verdict(paths, async () => {
        const base = 'http://localhost/';
        const updater = new Updater({ metadataDir: directory, metadataBaseUrl: base, fetcher: fetcherOf(base, files) });
        await updater.refresh();
        const { trustedSet } = updater as unknown as { readonly trustedSet: TrustedSet };
        const { root, timestamp, snapshot, targets } = trustedSet;
        return {
          versions: [root, timestamp, snapshot, targets].map(({ signed }) => signed.version).join(' '),
          look: async (path) => (await updater.getTargetInfo(path))?.length,
        };
      });
    },
    close: () => rm(directory, { recursive: true }),
  };
}

type TrustedSet = Readonly<
  Record<'root' | 'timestamp' | 'snapshot' | 'targets', { readonly signed: { readonly version: number } }>
>;

interface Refreshed {
  readonly versions: string;
  readonly look: (path: string) => Promise<number | undefined>;
}

async function verdict(paths: readonly string[], refresh: () => Promise<Refreshed>): Promise<Verdict> {
  const reasons: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      reasons.push(error instanceof UpdateError ? `${error.code} ${error.message}` : String(error));
      return undefined;
    }
  };
  const refreshed = await attempt(refresh);
  const found: string[] = [];
  for (const path of refreshed === undefined ? [] : paths) {
    found.push((await attempt(async () => String((await refreshed?.look(path)) ?? 'none'))) ?? 'refused');
  }
  return { versions: refreshed?.versions, found, reasons };
}

function fetcherOf(base: string, files: Files): Fetcher {
  const get = async (url: string, maxLength: number): Promise<Buffer> => {
    const bytes = await files(decodeURIComponent(url.slice(base.length)));
    if (bytes === undefined) throw new DownloadHTTPError('not found', 404);
    if (bytes.length > maxLength) throw new Error('too long');
    return Buffer.from(bytes);
  };
  return {
    downloadBytes: get,
    downloadFile: () => Promise.reject(new Error('no file is downloaded here')),
  };
}
