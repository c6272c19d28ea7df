import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { systemCode } from '../../shared/errors.ts';
import { parseRange } from './range.ts';

/** How long caches may keep a file, by its name. */
export type CachePolicy = (name: string) => string;

const immutable = 'public, max-age=31536000, immutable';

/** `timestamp.json` changes; every other metadata file carries its version in its name. */
export const metadataCache: CachePolicy = (name) => (/^\d+\./.test(name) ? immutable : 'no-store');

/** The bytes under a hash-prefixed name never change. */
export const targetsCache: CachePolicy = (name) => (/^[0-9a-f]{64,128}\./.test(name) ? immutable : 'no-cache');

/**
 * Answers GET and HEAD for the file `path` (percent-encoded, relative) in `directory`. Supports strong ETags,
 * `If-None-Match`, and one range with `If-Range`. A 404 must not be cached, so that clients see the next root immediately.
 */
export async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  directory: string,
  path: string,
  cache: CachePolicy,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const segments = segmentsOf(path);
  const file = segments === undefined ? undefined : await openFile(join(directory, ...segments));
  if (file === undefined) {
    response.writeHead(404, { 'cache-control': 'no-store', 'content-type': 'text/plain' }).end('Not found\n');
    return;
  }
  try {
    const name = segments?.at(-1) ?? '';
    const type = name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    await sendFile(request, response, file, { 'content-type': type, 'cache-control': cache(name) });
  } finally {
    await file.close();
  }
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: FileHandle,
  meta: OutgoingHttpHeaders,
): Promise<void> {
  const stat = await file.stat({ bigint: true });
  const size = Number(stat.size);
  const etag = `"${stat.ino.toString(36)}-${stat.size.toString(36)}-${stat.mtimeNs.toString(36)}"`;
  const headers: OutgoingHttpHeaders = {
    ...meta,
    etag,
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  };
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  // RFC 9110, 13.1.5: a range with another validator is ignored. Only GET has ranges (14.2).
  const condition = request.headers['if-range'];
  const wanted = request.method === 'GET' && (condition === undefined || condition === etag);
  const range = parseRange(wanted ? request.headers.range : undefined, size);
  if (range.type === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${size}` }).end();
    return;
  }
  const [start, end] = range.type === 'part' ? [range.start, range.end] : [0, size - 1];
  response.writeHead(range.type === 'part' ? 206 : 200, {
    ...headers,
    'content-length': end - start + 1,
    ...(range.type === 'part' ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  await pipeline(file.createReadStream({ start, end, highWaterMark: 256 * 1024, autoClose: false }), response);
}

/** The decoded segments of a path, or `undefined` if it would leave the directory. */
function segmentsOf(path: string): readonly string[] | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
  const segments = decoded.split('/');
  const harmless = (segment: string): boolean => !['', '.', '..'].includes(segment) && !/[\\\0:]/.test(segment);
  return segments.every(harmless) ? segments : undefined;
}

/** Opens a file; `undefined` if it is not a readable regular file. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
    return undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EACCES'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}
