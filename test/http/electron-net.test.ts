import { once } from 'node:events';
import { createServer as createProxy, type Server } from 'node:http';
import { constants, createSecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { electronName, windows } from '../support/electron.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import * as evil from '../support/evil-server.ts';
import { listen } from '../support/listen.ts';
import { requires } from '../support/requires.ts';
import { type Certificate, selfSigned } from '../support/self-signed.ts';
import type { Fetched, NetApp } from './net-app/main.ts';

declare const netApp: NetApp;

const file = Buffer.alloc(400_000, 'Electron');
const { NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;

interface SecureServer {
  readonly url: string;
  /** The protocol of each request, such as `2.0`. */
  readonly protocols: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves the file over TLS and HTTP/2; `/reset/CODE` resets the stream in mid-body, with the whole length in the head. */
async function serveSecurely({ key, cert }: Certificate): Promise<SecureServer> {
  const protocols: string[] = [];
  const sockets = new Set<Socket>();
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) => {
    protocols.push(request.httpVersion);
    const reset = /^\/reset\/(\d+)$/.exec(request.url)?.[1];
    response.writeHead(200, { 'content-length': file.length });
    if (reset === undefined) response.end(file);
    else resetInBody(response, Number(reset));
  });
  server.on('secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    protocols,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function resetInBody({ stream }: Http2ServerResponse, code: number): void {
  stream.on('error', () => stream.destroy());
  stream.write(file.subarray(0, 100_000), () => stream.close(code));
}

describe(`the network of ${electronName}`, requires(windows, 'openssl'), () => {
  let testApp: TestApp;
  beforeAll(async () => {
    testApp = await startTestApp({ main: join(import.meta.dirname, 'net-app/main.ts') });
  });
  afterAll(async () => testApp?.close());

  const fetchAll = async (url: string): Promise<Fetched | string> =>
    testApp.app.evaluate(async (_, url) => netApp.fetchAll(url), url);

  it('refuses a certificate that nobody trusts, and takes one that the app trusts, over HTTP/2', async () => {
    const [stranger, own] = [selfSigned(), selfSigned()];
    await testApp.app.evaluate((_, cert) => netApp.trust(cert), own.cert);
    await using refused = await serveSecurely(stranger);
    await using trusted = await serveSecurely(own);
    expect([await fetchAll(refused.url), refused.protocols]).toEqual(['DOWNLOAD_TLS', []]);
    expect([await fetchAll(trusted.url), trusted.protocols]).toEqual([
      { status: 200, length: file.length, redirects: 0 },
      ['2.0'],
    ]);
  });

  it.each([
    ['NO_ERROR', NGHTTP2_NO_ERROR],
    ['INTERNAL_ERROR', NGHTTP2_INTERNAL_ERROR],
  ])('never takes an HTTP/2 stream that was reset in mid-body (%s) for a complete body', async (_name, code) => {
    const own = selfSigned();
    await testApp.app.evaluate((_, cert) => netApp.trust(cert), own.cert);
    await using server = await serveSecurely(own);
    expect([await fetchAll(`${server.url}/reset/${code}`), server.protocols]).toEqual(['DOWNLOAD_TRUNCATED', ['2.0']]);
  });

  it('fetches a range, and ends a body that is aborted', async () => {
    const server = await evil.startEvilServer(file);
    const range = await testApp.app.evaluate(async (_, url) => netApp.fetchRange(url, 'bytes=8-15'), server.url);
    server.always(evil.endless);
    const aborted = await testApp.app.evaluate(async (_, url) => netApp.abortInBody(url), server.url);
    await server.close();
    expect([range, aborted]).toEqual([[206, 'Electron'], 'CANCELLED']);
  });

  it('ends a request in flight at once when its client is closed', async () => {
    const server = await evil.startEvilServer(file);
    server.always(evil.silent);
    const { code, ms } = await testApp.app.evaluate(async (_, url) => netApp.closeInFlight(url, 300), server.url);
    await server.idle();
    await server.close();
    expect([code, server.requests.length, ms < 500]).toEqual(['CANCELLED', 1, true]);
  });

  it('makes a server wait while nobody reads', async () => {
    let sent = 0;
    const server = await evil.startEvilServer(file);
    server.always(({ response }) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(file)) sent += file.length;
        sent += file.length;
      };
      response.on('drain', more);
      more();
    });
    await testApp.app.evaluate(async (_, url) => netApp.readSlowly(url, 1500), server.url);
    await server.close();
    // Buffers of the kernel, Chromium and Node; without back-pressure loopback brings hundreds of megabytes.
    expect(sent).toBeLessThan(40_000_000);
  });

  it('goes where a PAC script says', async () => {
    const asked: string[] = [];
    const proxy: Server = createProxy().on('connect', ({ url }, socket) => {
      asked.push(url ?? '');
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    await using listening = await listen(proxy);
    const script = `function FindProxyForURL(url, host) {
      return host === 'updates.example' ? 'PROXY 127.0.0.1:${new URL(listening.url).port}' : 'DIRECT';
    }`;
    const came = await testApp.app.evaluate(async (_, [url, script]) => netApp.fetchByPac(url, script), [
      'https://updates.example/file',
      script,
    ] as const);
    expect({ came, asked }).toEqual({ came: 'DOWNLOAD_PROXY', asked: ['updates.example:443'] });
  });
});
