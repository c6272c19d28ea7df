import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

import { textOf } from '../../../../shared/errors.ts';
import type { Logger } from '../../../ports.ts';

/** One zip on one loopback port, for Squirrel.Mac alone. */
export interface Feed {
  readonly url: string;
  /** Only who sends these learns where the zip is. */
  readonly headers: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Serves a zip as Squirrel.Mac's server protocol wants it: the feed answers `{ url }`, that URL answers the zip.
 * Squirrel.Mac sends our headers to the feed only, so the feed asks for a password of 64 random bytes and the zip's own
 * address is random too. Other programs of this machine see neither.
 */
export async function serveFeed(zip: string, logger: Logger): Promise<Feed> {
  const { size } = await stat(zip);
  const password = randomBytes(64).toString('base64url');
  const authorization = `Basic ${Buffer.from(`update:${password}`).toString('base64')}`;
  const zipPath = `/${randomBytes(64).toString('base64url')}.zip`;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      logger.warn(`install: Squirrel.Mac was not served: ${textOf(error)}`);
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

/** Takes as long for a near miss as for a far one. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
