import { type FileHandle, open } from 'node:fs/promises';

import { readTar, type TarEntry } from '../../files/tar.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import type { SignedFile } from '../../shared/release-index.ts';
import { consistentName } from '../../shared/target-path.ts';
import type { HttpClient, HttpRequestOptions, HttpResponse } from '../ports.ts';

/** An HTTP client that serves a file instead of a server, and the base URLs to use with it. */
export interface BundleClient {
  readonly http: HttpClient;
  readonly metadataUrl: string;
  readonly targetsUrl: string;
  /** Whether the bundle contains the file, under its plain or its consistent name. */
  readonly has: (target: Pick<SignedFile, 'path' | 'sha256'>) => boolean;
}

/** The origin of a bundle's URLs. RFC 6761 reserves the name, so it can belong to no server. */
const origin = 'https://bundle.invalid/';
const pieceBytes = 256 * 1024;

/**
 * Opens a bundle: a tar archive with `metadata/` and `targets/` as a repository serves them. The caller verifies the
 * content exactly as if a server had sent it.
 * @throws UpdateError `OPTIONS_INVALID`
 */
export async function createBundleClient(path: string): Promise<BundleClient> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    if (!(await file.stat()).isFile()) throw new Error('it is not a file');
    const entries = new Map((await readTar(file)).map((entry) => [entry.name, entry]));
    return {
      http: clientOf(file, entries),
      metadataUrl: `${origin}metadata/`,
      targetsUrl: `${origin}targets/`,
      has: ({ path, sha256 }) => [path, consistentName(path, sha256)].some((name) => entries.has(`targets/${name}`)),
    };
  } catch (error) {
    await file?.close();
    throw new UpdateError(
      'OPTIONS_INVALID',
      `The bundle cannot be used: ${textOf(error)}. Choose a file that "electron-tuf bundle" wrote.`,
      { cause: error },
    );
  }
}

function clientOf(file: FileHandle, entries: ReadonlyMap<string, TarEntry>): HttpClient {
  return {
    async get(url, options) {
      const name = decodeURIComponent(url.startsWith(origin) ? url.slice(origin.length) : '');
      const entry = entries.get(name);
      return entry === undefined ? response(url, 404, {}, emptyBody()) : serve(url, file, entry, options);
    },
    close: async () => file.close(),
  };
}

/** Responds with the whole file, or with the single range that the client requested (RFC 9110, section 14). */
function serve(url: string, file: FileHandle, entry: TarEntry, options: HttpRequestOptions): HttpResponse {
  const range = /^bytes=(\d+)-(\d*)$/.exec(rangeOf(options.headers ?? {}));
  const start = range === null ? 0 : Number(range[1]);
  const last = range?.[2] === undefined || range[2] === '' ? entry.length - 1 : Number(range[2]);
  const end = Math.min(last, entry.length - 1) + 1;
  if (range !== null && (start >= entry.length || end <= start)) {
    return response(url, 416, { 'content-range': `bytes */${entry.length}` }, emptyBody());
  }
  const headers = {
    'accept-ranges': 'bytes',
    'content-length': String(end - start),
    etag: `"${entry.offset}-${entry.length}"`,
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${entry.length}` }),
  };
  const body = contentOf(file, entry.offset + start, end - start, options);
  return response(url, range === null ? 200 : 206, headers, body);
}

function rangeOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'range')?.[1] ?? '';
}

function response(
  url: string,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: AsyncIterable<Uint8Array>,
): HttpResponse {
  return { status, headers, url, redirects: [], body, cancel: () => undefined };
}

async function* contentOf(
  file: FileHandle,
  position: number,
  length: number,
  { maxBytes, signal }: HttpRequestOptions,
): AsyncGenerator<Uint8Array> {
  if (length > maxBytes) {
    throw new UpdateError('DOWNLOAD_TOO_LONG', 'A file in the bundle is larger than its signed length.');
  }
  for (let done = 0; done < length;) {
    signal?.throwIfAborted();
    const buffer = Buffer.alloc(Math.min(pieceBytes, length - done));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position + done);
    if (bytesRead === 0) throw new UpdateError('DOWNLOAD_TRUNCATED', 'The bundle is incomplete. Copy it again.');
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {
  // A response without a body.
}
