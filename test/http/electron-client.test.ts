import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';

import { createElectronHttpClient } from '../../src/main/electron/net-client.ts';
import { netFailure } from '../../src/main/electron/net-errors.ts';
import type { HttpClient } from '../../src/main/ports.ts';
import { net } from '../stand-in/electron/net.ts';
import { session } from '../stand-in/electron/session.ts';
import * as evil from '../support/evil-server.ts';
import { freePort } from '../support/free-port.ts';

vi.mock('electron', async () => {
  const { net } = await import('../stand-in/electron/net.ts');
  const { session } = await import('../stand-in/electron/session.ts');
  return { app: { whenReady: () => Promise.resolve() }, net, session };
});

const file = Buffer.from('0123456789'.repeat(100_000));

describe('the Electron client', () => {
  let server: evil.EvilServer;
  let http: HttpClient;
  let request: MockInstance<typeof net.request>;
  beforeEach(async () => {
    server = await evil.startEvilServer(file);
    http = createElectronHttpClient();
    request = vi.spyOn(net, 'request');
  });
  afterEach(async () => {
    request.mockRestore();
    await http.close();
    await server.close();
  });

  async function fetchAll(url = server.url): Promise<unknown> {
    try {
      const options = { maxBytes: 2e6, idleTimeoutMs: 100, headersTimeoutMs: 1000, headers: { 'x-token': '1' } };
      const { status, redirects, body } = await http.get(url, options);
      let length = 0;
      for await (const chunk of body) length += chunk.length;
      return { status, length, redirects: redirects.length };
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  }

  it('asks without cache, credentials and referrer, in a session of its own', async () => {
    const configured: unknown[] = [];
    http = createElectronHttpClient({ configureSession: (session) => void configured.push(session) });
    expect(await fetchAll()).toEqual({ status: 200, length: file.length, redirects: 0 });
    expect(request.mock.calls.flat()).toEqual([
      {
        url: `${server.url}/`,
        session: configured[0],
        headers: { 'user-agent': 'electron-tuf-updater', 'accept-encoding': 'identity', 'x-token': '1' },
        redirect: 'manual',
        credentials: 'omit',
        cache: 'no-store',
        referrerPolicy: 'no-referrer',
      },
    ]);
    expect(configured).toEqual([session.fromPartition('electron-tuf-updater')]);
  });

  it('follows redirects by itself, one by one, and drops headers at another origin', async () => {
    const other = await evil.startEvilServer(file);
    server.once(evil.redirect('/there'), evil.redirect(`${other.url}/elsewhere`));
    expect(await fetchAll()).toEqual({ status: 200, length: file.length, redirects: 2 });
    const requests = request.mock.calls.flatMap(([options]) => (typeof options === 'string' ? [] : [options]));
    expect(requests.map(({ url, headers }) => [new URL(url).pathname, headers?.['x-token']])).toEqual([
      ['/', '1'],
      ['/there', '1'],
      ['/elsewhere', undefined],
    ]);
    await other.close();
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

  it('tells a server that is not there', async () => {
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
