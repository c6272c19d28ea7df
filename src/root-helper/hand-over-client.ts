import type { HttpClient, HttpResponse, Logger } from '../main/ports.ts';
import type { TrustStore } from '../main/trust/contract.ts';
import { roleFile } from '../main/trust/tuf/store/metadata-cache.ts';
import { locateLineage } from '../main/trust/tuf/store/root-lineage.ts';
import { openTrustStore } from '../main/trust/tuf/store/trust-store.ts';

/** The host name of the handed-over directory in URLs. RFC 6761 reserves it, so no real host has it. */
export const handOverUrl = 'https://hand-over.invalid/';

/**
 * An HTTP client whose only server is the handed-over metadata. The helper treats it like any other repository, so its own
 * trust store detects a rollback.
 * @param directory a copy of the caller's trust store
 * @param anchor the root from which the caller's chain starts
 */
export function createHandOverClient(directory: string, anchor: Uint8Array, logger: Logger): HttpClient {
  const store = openTrustStore(() => locateLineage(directory, anchor, logger), logger);
  return {
    async get(url, { maxBytes }) {
      const bytes = await readFirst(store, storedNames(fileOf(url)), maxBytes);
      return answer(url, bytes);
    },
    close: () => Promise.resolve(),
  };
}

function fileOf(url: string): string {
  return decodeURIComponent(url.startsWith(handOverUrl) ? url.slice(handOverUrl.length) : '');
}

/** Maps a repository's file name, with or without version, to its name in a trust store. Pure. */
export function storedNames(file: string): readonly string[] {
  if (file === 'timestamp.json' || /^\d+\.root\.json$/.test(file)) return [file];
  const role = file.replace(/\.json$/, '');
  const names = [role, role.replace(/^\d+\./, '')];
  return [...new Set(names)].map((name) => (name === 'snapshot' ? 'snapshot.json' : roleFile(name)));
}

async function readFirst(
  store: TrustStore,
  names: readonly string[],
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  for (const name of names) {
    const bytes = await store.read(name, maxBytes);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

function answer(url: string, bytes: Uint8Array | undefined): HttpResponse {
  return {
    status: bytes === undefined ? 404 : 200,
    headers: {},
    url,
    redirects: [],
    body: (async function* () {
      if (bytes !== undefined) yield bytes;
    })(),
    cancel: () => undefined,
  };
}
