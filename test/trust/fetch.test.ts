import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from 'vitest';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import { fetchBytes } from '../../src/main/trust/tuf/fetch/fetch-metadata.ts';
import { requires } from '../support/requires.ts';
import { type Certificate, selfSigned } from '../support/self-signed.ts';
import { coded, inWorld } from '../support/world.ts';

/** Fetches from a server on a free loopback port. @returns the number of bytes, or the code of the refusal */
async function fetchFrom(server: Server, options: { readonly ca?: string; readonly deadlineMs?: number } = {}) {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { ca, ...deadline } = options;
  const http = createNodeHttpClient({ proxy: 'none', ...(ca === undefined ? {} : { extraCa: [ca] }) });
  const url = `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/timestamp.json`;
  const how = { http, clock: systemClock, stats: { requests: 0, bytes: 0 }, ...deadline };
  try {
    return await coded(async () => (await fetchBytes(url, 16_384, how))?.length ?? 0);
  } finally {
    await http.close();
    server.closeAllConnections();
    server.close();
  }
}

const hello: RequestListener = (_request, response) => void response.end('hello');

it('the client gives up at the deadline on a server that never stops trickling', async () => {
  let isCut = false;
  const server = createHttpServer((_request, response) => {
    const timer = setInterval(() => response.write(' '), 5);
    response.on('close', () => {
      clearInterval(timer);
      isCut = true;
    });
  });
  const outcome = await fetchFrom(server, { deadlineMs: 200 });
  await expect.poll(() => isCut).toBe(true);
  expect(outcome).toBe('TRUST_OFFLINE');
});

it('the client says that the network wants a log-in first (RFC 6585, HTTP 511)', async () => {
  await inWorld(async (world) => {
    const app = await world.install();
    world.web.answer = async (_, response) => Promise.resolve(Boolean(response.writeHead(511).end()));
    await expect(app.trust.refresh()).rejects.toMatchObject({
      code: 'TRUST_OFFLINE',
      message: expect.stringContaining('log in first') as string,
    });
  });
});

describe('a certificate', requires('openssl', 'faketime'), () => {
  it.each<[string, () => Certificate, number | string]>([
    ['that is good', () => selfSigned(), 5],
    ['that is not valid yet: the clock is behind', () => selfSigned(2, 365), 'TRUST_CLOCK'],
    [
      'that has expired: the clock may be ahead, and the server may be neglected',
      () => selfSigned(2, -365),
      'TRUST_SERVER',
    ],
  ])('%s', async (_what, make, expected) => {
    const certificate = make();
    expect(await fetchFrom(createServer(certificate, hello), { ca: certificate.cert })).toBe(expected);
  });
});
