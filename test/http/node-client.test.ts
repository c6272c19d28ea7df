import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { HttpClient, HttpRequestOptions } from '../../src/main/ports.ts';
import * as evil from '../support/evil-server.ts';
import { freePort } from '../support/free-port.ts';
import { requires } from '../support/requires.ts';
import { type Certificate, selfSigned } from '../support/self-signed.ts';
import { type Squid, startSquid } from '../support/squid.ts';

const file = Buffer.from('0123456789'.repeat(1000));

interface Fetched {
  readonly status: number;
  readonly body: string;
  readonly redirects: number;
}

async function fetchAll(http: HttpClient, url: string, options: Partial<HttpRequestOptions> = {}): Promise<Fetched> {
  const response = await http.get(url, { maxBytes: 1e6, idleTimeoutMs: 200, headersTimeoutMs: 2000, ...options });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { status: response.status, body: Buffer.concat(chunks).toString(), redirects: response.redirects.length };
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'fulfilled',
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

describe('the Node client', () => {
  let server: evil.EvilServer;
  let other: evil.EvilServer;
  let http: HttpClient;
  beforeEach(async () => {
    server = await evil.startEvilServer(file);
    other = await evil.startEvilServer(file);
    http = createNodeHttpClient({ proxy: 'none' });
  });
  afterEach(async () => {
    await http.close();
    await Promise.all([server.close(), other.close()]);
  });

  it('gets a file and sends the expected headers', async () => {
    expect(await fetchAll(http, `${server.url}/a?b=c`, { headers: { 'X-Token': '1' } })).toEqual({
      status: 200,
      body: file.toString(),
      redirects: 0,
    });
    expect(server.requests).toEqual([
      {
        path: '/a?b=c',
        headers: {
          host: server.url.slice('http://'.length),
          connection: 'keep-alive',
          'user-agent': 'electron-tuf-updater',
          'accept-encoding': 'identity',
          'x-token': '1',
        },
      },
    ]);
  });

  it('returns a response with any status', async () => {
    server.once(evil.status(503, { 'retry-after': '7' }));
    const response = await http.get(server.url, { maxBytes: 100 });
    response.cancel();
    expect([response.status, response.headers['retry-after']]).toEqual([503, '7']);
  });

  it('follows redirects and drops secrets at another origin', async () => {
    server.once(evil.redirect('/there'), evil.redirect(`${other.url}/elsewhere`, 307));
    const options = { headers: { authorization: 'Bearer secret', 'x-token': '1', range: 'bytes=5-9' } };
    expect(await fetchAll(http, `${server.url}/here`, options)).toEqual({ status: 206, body: '56789', redirects: 2 });
    expect(server.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/here', 'Bearer secret'],
      ['/there', 'Bearer secret'],
    ]);
    const arrived = other.requests[0]?.headers ?? {};
    expect({
      authorization: arrived.authorization,
      token: arrived['x-token'],
      range: arrived.range,
    }).toEqual({
      authorization: undefined,
      token: undefined,
      range: 'bytes=5-9',
    });
  });

  it.each<[string, evil.Behaviour, string]>([
    ['a redirect loop', evil.redirect('/again'), 'DOWNLOAD_REDIRECT'],
    ['a redirect to plain HTTP', evil.redirect('http://example.org/'), 'DOWNLOAD_INSECURE_URL'],
    ['a compressed answer', evil.gzipBomb, 'DOWNLOAD_PROTOCOL'],
    ['more bytes than allowed', evil.endless, 'DOWNLOAD_TOO_LONG'],
    ['a connection that breaks off', evil.truncated(5000), 'DOWNLOAD_TRUNCATED'],
    ['a connection that is hung up', evil.hangUp, 'DOWNLOAD_OFFLINE'],
    ['a stall in mid-body', evil.stalling(5000), 'DOWNLOAD_TIMEOUT'],
    ['a byte now and then', evil.slowloris, 'DOWNLOAD_TIMEOUT'],
    ['what is no HTTP', ({ response }) => void response.socket?.end('nonsense\r\n\r\n'), 'DOWNLOAD_PROTOCOL'],
  ])('refuses %s', async (_what, behaviour, code) => {
    server.always(behaviour);
    expect(await codeOf(fetchAll(http, server.url))).toBe(code);
  });

  it('gives up on a silent server', async () => {
    server.always(evil.silent);
    expect(await codeOf(fetchAll(http, server.url, { headersTimeoutMs: 50 }))).toBe('DOWNLOAD_TIMEOUT');
  });

  it('can be cancelled while waiting for headers and during the body', async () => {
    const codes: unknown[] = [];
    for (const behaviour of [evil.silent, evil.stalling(10)]) {
      server.once(behaviour);
      const controller = new AbortController();
      const fetching = fetchAll(http, server.url, { signal: controller.signal, idleTimeoutMs: 30_000 });
      setTimeout(() => controller.abort(), 50);
      codes.push(await codeOf(fetching));
    }
    codes.push(await codeOf(fetchAll(http, server.url, { signal: AbortSignal.abort() })));
    expect(codes).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
  });

  it('distinguishes an unreachable server from an unknown name', async () => {
    const port = await freePort();
    expect([
      await codeOf(fetchAll(http, `http://127.0.0.1:${port}/`)),
      await codeOf(fetchAll(http, 'https://nowhere.invalid/')),
    ]).toEqual(['DOWNLOAD_OFFLINE', 'DOWNLOAD_DNS']);
  });

  it('closes the connection when the response is not read to its end', async () => {
    const closed = Promise.withResolvers<void>();
    server.once((turn) => {
      turn.response.on('close', closed.resolve);
      evil.endless(turn);
    });
    const response = await http.get(server.url, { maxBytes: 1e9 });
    for await (const _chunk of response.body) break;
    await closed.promise;
  });

  it('refuses an invalid proxy address', () => {
    expect(() => createNodeHttpClient({ proxy: { url: 'nonsense' } })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  });
});

describe('the Node client over TLS', requires('openssl', 'squid'), () => {
  let certificate: Certificate;
  let server: TlsServer;
  let url: string;
  const clients: HttpClient[] = [];
  const squids: Squid[] = [];
  beforeAll(async () => {
    certificate = selfSigned();
    server = createTlsServer(certificate, (_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const squid of squids.splice(0)) await squid.close();
  });
  const client = (options: Parameters<typeof createNodeHttpClient>[0]): HttpClient => {
    const http = createNodeHttpClient(options);
    clients.push(http);
    return http;
  };
  const squid = async (password?: string): Promise<Squid> => {
    const started = await startSquid(password);
    squids.push(started);
    return started;
  };

  it('refuses an untrusted certificate, and accepts it from an added authority', async () => {
    const trusting = client({ proxy: 'none', extraCa: [certificate.cert] });
    expect({
      unknownAuthority: await codeOf(fetchAll(client({ proxy: 'none' }), url)),
      addedAuthority: (await fetchAll(trusting, url)).body,
      wrongHost: await codeOf(fetchAll(trusting, url.replace('127.0.0.1', 'localhost'))),
    }).toEqual({
      unknownAuthority: 'DOWNLOAD_TLS',
      addedAuthority: 'hello',
      wrongHost: 'DOWNLOAD_TLS',
    });
  });

  it('refuses an invalid authority', () => {
    expect(() => createNodeHttpClient({ extraCa: ['nonsense'] })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  });

  it('uses a proxy and verifies the server behind it', async () => {
    const proxy = { url: (await squid()).url };
    expect([
      (await fetchAll(client({ proxy, extraCa: [certificate.cert] }), url)).body,
      await codeOf(fetchAll(client({ proxy }), url)),
    ]).toEqual(['hello', 'DOWNLOAD_TLS']);
    expect(await squids[0]?.log()).toContain(`CONNECT ${url.slice('https://'.length, -1)}`);
  });

  it('sends the proxy its credentials, and reports that it wants others', async () => {
    const { url: right } = await squid('secret');
    const wrong = right.replace('secret', 'guess');
    const extraCa = [certificate.cert];
    expect([
      (await fetchAll(client({ proxy: { url: right }, extraCa }), url)).body,
      await codeOf(fetchAll(client({ proxy: { url: wrong }, extraCa }), url)),
    ]).toEqual(['hello', 'DOWNLOAD_PROXY']);
  });

  it('distinguishes an unreachable proxy from an unreachable server', async () => {
    const extraCa = [certificate.cert];
    const down = { url: `http://127.0.0.1:${await freePort()}` };
    const unknown = { url: 'http://nowhere.invalid:3128' };
    const closed = `https://127.0.0.1:${await freePort()}/`;
    expect({
      proxyDown: await codeOf(fetchAll(client({ proxy: down, extraCa }), url)),
      proxyUnknown: await codeOf(fetchAll(client({ proxy: unknown, extraCa }), url)),
      // Squid is reachable, but not the server behind it: Squid answers CONNECT with 503.
      serverDownBehindProxy: await codeOf(fetchAll(client({ proxy: { url: (await squid()).url }, extraCa }), closed)),
      serverDown: await codeOf(fetchAll(client({ proxy: 'none', extraCa }), closed)),
    }).toEqual({
      proxyDown: 'DOWNLOAD_PROXY',
      proxyUnknown: 'DOWNLOAD_PROXY',
      serverDownBehindProxy: 'DOWNLOAD_PROXY',
      serverDown: 'DOWNLOAD_OFFLINE',
    });
  });

  it('reads proxy and exceptions from the environment, and never sends plain HTTP through a proxy', async () => {
    const plain = await evil.startEvilServer(file);
    const before = { ...process.env };
    try {
      Object.assign(process.env, {
        HTTPS_PROXY: `http://127.0.0.1:${await freePort()}`,
        HTTP_PROXY: 'http://127.0.0.1:1',
      });
      const extraCa = [certificate.cert];
      const codes = [await codeOf(fetchAll(client({ extraCa }), url)), (await fetchAll(client({}), plain.url)).status];
      process.env['NO_PROXY'] = '127.0.0.1';
      codes.push((await fetchAll(client({ extraCa }), url)).body);
      // As in curl, a bare host and port is an HTTP proxy.
      process.env['NO_PROXY'] = '';
      process.env['HTTPS_PROXY'] = `127.0.0.1:${await freePort()}`;
      codes.push(await codeOf(fetchAll(client({ extraCa }), url)));
      expect(codes).toEqual(['DOWNLOAD_PROXY', 200, 'hello', 'DOWNLOAD_PROXY']);
    } finally {
      process.env = before;
      await plain.close();
    }
  });
});
