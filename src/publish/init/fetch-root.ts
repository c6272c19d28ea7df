import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import type { HttpClient } from '../../main/ports.ts';
import { displayUrl } from '../../main/http/secure-url.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { withoutByteOrderMark } from '../../shared/json-text.ts';
import { type ApiOptions } from '../rstuf/transport.ts';
import { createRstufApi } from '../rstuf/rstuf-api.ts';

/** Bytes. Far more than any root needs; the trust module's own limit is lower. */
const largestRoot = 512 * 1024;

/** @throws UpdateError `TRUST_ROOT_INVALID` when the file cannot be read */
export async function rootFromFile(file: string): Promise<Uint8Array> {
  try {
    return withoutByteOrderMark(await readFile(file));
  } catch (error) {
    throw new UpdateError('TRUST_ROOT_INVALID', `${file} cannot be read: ${textOf(error)}.`, { cause: error });
  }
}

/**
 * The root that RSTUF's API reports as trusted, in the bytes that the metadata server serves, so `sha256sum` of the file
 * gives the same digest.
 * @throws UpdateError `TRUST_ROOT_INVALID` if the two servers disagree, `PUBLISH_…`, `DOWNLOAD_…`
 */
export async function rootFromApi(api: ApiOptions, metadataUrl: string, http: HttpClient): Promise<Uint8Array> {
  const client = createRstufApi(api);
  try {
    const { trusted_root: told } = await client.config();
    const root = typeof told === 'string' ? parse(told, 'The API') : told;
    const served = await fetchRoot(http, metadataUrl, versionOf(root));
    if (!isDeepStrictEqual(parse(Buffer.from(served).toString('utf8'), 'The metadata server'), root)) {
      throw new UpdateError(
        'TRUST_ROOT_INVALID',
        'The API and the metadata server have different roots of the same version. Do not trust either until you know why.',
      );
    }
    return served;
  } finally {
    await client.close();
  }
}

function versionOf(root: unknown): number {
  const version = (root as { signed?: { version?: unknown } } | null | undefined)?.signed?.version;
  if (typeof version === 'number') return version;
  throw new UpdateError(
    'TRUST_ROOT_INVALID',
    "The API does not report its trusted root. Get root.json from the repository's owner and give it with --root.",
  );
}

async function fetchRoot(http: HttpClient, metadataUrl: string, version: number): Promise<Uint8Array> {
  const url = new URL(`${version}.root.json`, metadataUrl.endsWith('/') ? metadataUrl : `${metadataUrl}/`).href;
  const response = await http.get(url, { maxBytes: largestRoot });
  if (response.status !== 200) {
    response.cancel();
    throw new UpdateError(
      'TRUST_ROOT_INVALID',
      `${displayUrl(url)} answered with ${response.status}. Check --metadata-url.`,
    );
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(text: string, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpdateError('TRUST_ROOT_INVALID', `${who} returned a root that is not JSON.`, { cause: error });
  }
}
