import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

import { textOf } from '../../../../shared/errors.ts';
import type { Logger } from '../../../ports.ts';

/** A server on a loopback port that offers one zip to Squirrel.Mac. */
export interface Feed {
  readonly url: string;
  /** The feed answers only requests with these headers. */
  readonly headers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Serves a zip by Squirrel.Mac's server protocol: the feed returns `{ url }`, and that URL returns the zip.
 * Squirrel.Mac sends our headers only to the feed. The feed therefore requires a password of 64 random bytes, and the
 * URL of the zip is random too. Other programs on this machine know neither.
 */
export async function serveFeed(zip: string, logger: Logger): Promise<Feed> {
  const { size } = await stat(zip);
  const password = randomBytes(64).toString('base64url');
  const authorization = `Basic ${Buffer.from(`update:${password}`).toString('base64')}`;
  const zipPath = `/${randomBytes(64).toString('base64url')}.zip`;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      logger.warn(`install: a request of Squirrel.Mac failed: ${textOf(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
    if (request.url === '/') return answerFeed(request, response);
    if (!isSame(request.url ?? '', zipPath)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/zip', 'content-length': size, 'cache-control': 'no-store' });
    await pipeline(createReadStream(zip), response);
  }

  function answerFeed(request: IncomingMessage, response: ServerResponse): void {
    if (!isSame(request.headers.authorization ?? '', authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="update"' }).end();
      return;
    }
    const body = JSON.stringify({ url: origin + zipPath });
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body);
  }

  return {
    url: `${origin}/`,
    headers: { authorization, 'cache-control': 'no-cache' },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Compares in constant time, so that timing reveals nothing about the secret. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
