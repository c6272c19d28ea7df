import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { netFailure } from '../../src/main/electron/net-errors.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import * as evil from '../support/evil-server.ts';
import { freePort } from '../support/free-port.ts';
import { listen } from '../support/listen.ts';
import type { Fetched, NetApp } from './net-app/main.ts';

declare const netApp: NetApp;

const file = Buffer.from('0123456789'.repeat(100_000));

describe(`the Electron client, in ${electronName}`, requires(windows), () => {
  let testApp: TestApp;
  let server: evil.EvilServer;
  beforeAll(async () => {
    testApp = await startTestApp({ main: join(import.meta.dirname, 'net-app/main.ts') });
  });
  afterAll(async () => testApp?.close());
  beforeEach(async () => {
    server = await evil.startEvilServer(file);
  });
  afterEach(async () => server.close());

  const fetchAll = async (url = server.url): Promise<Fetched | string> =>
    testApp.app.evaluate(async (_, url) => netApp.fetchAll(url), url);

  it('sends requests without cookies, cache and referrer, in its own session', async () => {
    server.always(evil.withHeaders(() => ({ 'set-cookie': 'who=me; Path=/', 'cache-control': 'max-age=3600' })));
    const fetched = [await fetchAll(), await fetchAll()];
    const sessions = await testApp.app.evaluate(() => netApp.sessions());
    const asked = server.requests.map(({ headers }) => ({
      agent: headers['user-agent'],
      encoding: headers['accept-encoding'],
      languages: headers['accept-language'],
      token: headers['x-token'],
      private: [headers.cookie, headers.referer, headers.authorization, headers['if-none-match']].filter(Boolean),
    }));
    const whole = { status: 200, length: file.length, redirects: 0 };
    const request = { agent: 'electron-tuf-updater', encoding: 'identity', languages: '*', token: '1', private: [] };
    expect({ fetched, asked, sessions }).toEqual({
      fetched: [whole, whole],
      asked: [request, request],
      sessions: [{ isOwn: true, isPersistent: false, isDefault: false }],
    });
  });

  it('sends no header but the ones in docs/options.md', async () => {
    await fetchAll();
    expect(Object.keys(server.requests[0]?.headers ?? {}).toSorted()).toEqual([
      'accept-encoding',
      'accept-language',
      'connection',
      'host',
      'sec-fetch-dest',
      'sec-fetch-mode',
      'sec-fetch-site',
      'user-agent',
      'x-token',
    ]);
  });

  it('follows redirects itself, one by one, and drops headers at another origin', async () => {
    const other = await evil.startEvilServer(file);
    server.once(evil.redirect('/there'), evil.redirect(`${other.url}/elsewhere`));
    const fetched = await fetchAll();
    const asked = [...server.requests, ...other.requests].map(({ path, headers }) => [path, headers['x-token']]);
    await other.close();
    expect({ fetched, asked }).toEqual({
      fetched: { status: 200, length: file.length, redirects: 2 },
      asked: [
        ['/', '1'],
        ['/there', '1'],
        ['/elsewhere', undefined],
      ],
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
    ['a server that says nothing', evil.silent, 'DOWNLOAD_TIMEOUT'],
  ])('refuses %s', async (_what, behaviour, code) => {
    server.always(behaviour);
    expect(await fetchAll()).toBe(code);
  });

  it('says what to do about a server that compresses', async () => {
    server.always(evil.gzipBomb);
    const message = await testApp.app.evaluate(async (_, url) => netApp.why(url), server.url);
    expect(message).toBe(
      `${new URL(server.url).host}: net::ERR_CONTENT_DECODING_FAILED. Turn off compression for update files.`,
    );
  });

  it('lets the app answer a proxy that asks for credentials, but no server', async () => {
    const told: unknown[] = [];
    const proxy = createServer(({ headers, url }, response) => {
      told.push(headers['proxy-authorization'] ?? 'nothing');
      if (headers['proxy-authorization'] === undefined) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
      } else if (url?.endsWith('/private') === true) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="server"' }).end();
      } else {
        response.writeHead(200).end('hello');
      }
    });
    await using listening = await listen(proxy);
    const port = Number(new URL(listening.url).port);
    const ask = async (path: string, name?: string): Promise<unknown> =>
      testApp.app.evaluate(async (_, [url, port, name]) => netApp.fetchThroughProxy(url, port, name), [
        `${server.url}${path}`,
        port,
        name,
      ] as const);
    const answers = {
      answered: await ask('/a', 'who'),
      server: await ask('/private', 'who'),
      declined: await ask('/b'),
    };
    const credentials = `Basic ${Buffer.from('who:password').toString('base64')}`;
    expect({ answers, told: new Set(told), direct: server.requests.length }).toEqual({
      answers: {
        answered: { came: { status: 200, length: 5, redirects: 0 }, asked: [true] },
        server: { came: { status: 401, length: 0, redirects: 0 }, asked: [true] },
        declined: { came: expect.anything(), asked: [true] },
      },
      told: new Set(['nothing', credentials]),
      direct: 0,
    });
  });

  it('reports an unreachable server', async () => {
    expect(await fetchAll(`http://127.0.0.1:${await freePort()}/`)).toBe('DOWNLOAD_OFFLINE');
  });
});

describe('netFailure', () => {
  it.each([
    ['net::ERR_INTERNET_DISCONNECTED', 'head', 'DOWNLOAD_OFFLINE'],
    ['net::ERR_CONNECTION_RESET', 'head', 'DOWNLOAD_OFFLINE'],
    ['net::ERR_CONNECTION_RESET', 'body', 'DOWNLOAD_TRUNCATED'],
    ['net::ERR_NAME_NOT_RESOLVED', 'head', 'DOWNLOAD_DNS'],
    ['net::ERR_CERT_DATE_INVALID', 'head', 'DOWNLOAD_TLS'],
    ['net::ERR_SSL_PROTOCOL_ERROR', 'head', 'DOWNLOAD_TLS'],
    ['net::ERR_CONNECTION_TIMED_OUT', 'head', 'DOWNLOAD_TIMEOUT'],
    ['net::ERR_TUNNEL_CONNECTION_FAILED', 'head', 'DOWNLOAD_PROXY'],
    ['net::ERR_PROXY_CONNECTION_FAILED', 'head', 'DOWNLOAD_PROXY'],
    ['net::ERR_CONTENT_LENGTH_MISMATCH', 'body', 'DOWNLOAD_TRUNCATED'],
    ['net::ERR_INVALID_HTTP_RESPONSE', 'head', 'DOWNLOAD_PROTOCOL'],
  ] as const)('calls %s (%s) %s', (text, stage, code) => {
    expect(netFailure(new Error(text), 'example.org', stage).code).toBe(code);
  });
});
