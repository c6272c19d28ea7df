// @module-tag slow
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { chromium } from 'playwright-core';
import { describe, expect, it } from 'vitest';

import { serveControl } from '../../scripts/demo/control-server.ts';
import type { Studio, StudioAction } from '../../scripts/demo/studio.ts';
import { requires } from '../support/requires.ts';
import { type Served, serve } from './served.ts';

/** What a page of another site can do to a repository on loopback, with the token switched off: what is left then. */
const published = 'notes/a';
const deletion = JSON.stringify({ artifacts: [published] });
const json = { 'content-type': 'application/json' };

interface Attack {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

describe('a page of another site', () => {
  it.each<[what: string, attack: (port: number) => Attack, status: number]>([
    ['by its own name for 127.0.0.1', (port) => ({ headers: { ...json, host: `evil.test:${port}` } }), 421],
    ['by its own name, said to be the same origin', (port) => ({ headers: rebound(port, 'same-origin') }), 421],
    ['by its own name and another port', () => ({ headers: { ...json, host: '127.0.0.1:1' } }), 421],
    ['by a loopback name without the port', () => ({ headers: { ...json, host: '127.0.0.1' } }), 421],
    ['by a name that begins like a loopback name', (port) => named(`127.0.0.1.evil.test:${port}`), 421],
    ['by another address of this machine', (port) => named(`127.0.0.2:${port}`), 421],
    ['with a login in the name', (port) => named(`localhost:${port}@evil.test`), 421],
    ['across sites, as a browser says', (port) => local(port, { 'sec-fetch-site': 'cross-site' }), 403],
    ['on another port of this machine', (port) => local(port, { 'sec-fetch-site': 'same-site' }), 403],
    ['across sites, in an old browser', (port) => local(port, { origin: 'https://evil.test' }), 403],
    ['on another port, in an old browser', (port) => local(port, { origin: `http://127.0.0.1:${port + 1}` }), 403],
    ['in a sandbox', (port) => local(port, { origin: 'null' }), 403],
    ['by a form', (port) => local(port, { 'content-type': 'application/x-www-form-urlencoded' }), 422],
    ['by a form of plain text', (port) => local(port, { 'content-type': 'text/plain;charset=UTF-8' }), 422],
    ['without a type', (port) => ({ headers: { host: `127.0.0.1:${port}` } }), 422],
  ])('%s deletes nothing', async (_what, attack, status) => {
    await using served = await publishedWithoutToken();
    const answer = await send(served, { path: '/api/v1/artifacts/delete', body: deletion, ...attack(portOf(served)) });
    expect({ status: answer.statusCode, left: await served.read(published) }).toEqual({ status, left: 'one' });
  });

  it.each(['/', '/metadata/timestamp.json', '/targets/notes/a', '/api/v1/config/', '/nothing'])(
    'reads nothing of %s by its own name',
    async (path) => {
      await using served = await publishedWithoutToken();
      const host = `evil.test:${portOf(served)}`;
      const answers = await Promise.all(
        ['GET', 'HEAD', 'OPTIONS'].map(async (method) => send(served, { method, path, headers: { host } })),
      );
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([421, 421, 421]);
    },
  );

  it('gets no header that allows it to read or send anything', async () => {
    await using served = await publishedWithoutToken();
    const origin = { origin: 'https://evil.test', 'access-control-request-method': 'POST' };
    const asked = await Promise.all(
      ['/', '/metadata/timestamp.json', '/targets/notes/a', '/api/v1/artifacts/'].flatMap((path) =>
        ['GET', 'OPTIONS'].map(async (method) => send(served, { method, path, headers: origin })),
      ),
    );
    const said = asked.flatMap(({ headers }) =>
      Object.keys(headers).filter((name) => name.startsWith('access-control')),
    );
    expect(said).toEqual([]);
  });

  it('can link to the page, but cannot frame it', async () => {
    await using served = await publishedWithoutToken();
    const { statusCode, headers } = await send(served, { method: 'GET', headers: { 'sec-fetch-site': 'cross-site' } });
    expect({ statusCode, policy: headers['content-security-policy'] }).toEqual({
      statusCode: 200,
      policy: expect.stringContaining("frame-ancestors 'none'") as string,
    });
  });

  it.each<[what: string, lines: (port: number) => readonly string[], status: string]>([
    [
      'after a good request on the same connection',
      (port) => [...good(port), ...evil(port, 'Connection: close')],
      '200,421',
    ],
    ['by an upgrade to WebSocket', (port) => evil(port, 'Connection: Upgrade, close', 'Upgrade: websocket'), '421'],
    ['by an upgrade under a loopback name', (port) => good(port, 'Connection: Upgrade, close', 'Upgrade: h2c'), '200'],
    [
      'with an address in the request line',
      (port) => ['GET http://evil.test/ HTTP/1.1', host(port), 'Connection: close', ''],
      '400',
    ],
    ['without any name', () => ['GET /api/v1/config/ HTTP/1.0', ''], '421'],
  ])('gets nowhere %s', async (_what, lines, status) => {
    await using served = await publishedWithoutToken();
    const port = portOf(served);
    expect(await raw(port, lines(port))).toBe(status);
  });
});

it('requests for names of this machine are answered', async () => {
  await using served = await publishedWithoutToken();
  const port = portOf(served);
  const names = [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`];
  const answers = await Promise.all(
    names.map(async (host) => send(served, { method: 'GET', path: '/api/v1/config/', headers: { host } })),
  );
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 200]);
});

describe('the token', () => {
  it('is required by default, and only by the API', async () => {
    await using served = await serve();
    const { apiUrl, apiHeaders, metadataUrl, url } = served.repository;
    const status = async (address: string, headers: Readonly<Record<string, string>> = {}): Promise<number> => {
      const response = await fetch(address, { headers });
      await response.body?.cancel();
      return response.status;
    };
    expect({
      without: await status(`${apiUrl}config/`),
      wrong: await status(`${apiUrl}config/`, { authorization: 'Bearer x' }),
      right: await status(`${apiUrl}config/`, apiHeaders),
      metadata: await status(`${metadataUrl}timestamp.json`),
      page: await status(url),
      length: apiHeaders['authorization']?.length,
    }).toEqual({ without: 401, wrong: 401, right: 200, metadata: 200, page: 200, length: 'Bearer '.length + 43 });
  });

  it('is different at every start, unless it is set', async () => {
    await using served = await serve();
    const first = served.repository.apiHeaders;
    await served.restart();
    await using chosen = await serve({ token: 'chosen' });
    expect(served.repository.apiHeaders).not.toEqual(first);
    expect(chosen.repository.apiHeaders).toEqual({ authorization: 'Bearer chosen' });
  });

  it.each(['', 'with space', 'ünicode', 'line\nbreak'])('cannot be %j', async (token) => {
    await expect(serve({ token })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});

describe('a page in Chromium whose name resolves to 127.0.0.1', requires('chromium'), () => {
  it('neither deletes nor reads', async () => {
    await using served = await publishedWithoutToken();
    const port = portOf(served);
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--host-resolver-rules=MAP evil.test 127.0.0.1'],
    });
    try {
      const page = await browser.newPage();
      const shown = await page.goto(`http://evil.test:${port}/`);
      const tried = await page.evaluate(
        async ([body, type]) => {
          const status = async (path: string, init?: RequestInit): Promise<number> => (await fetch(path, init)).status;
          return {
            deleted: await status('/api/v1/artifacts/delete', {
              method: 'POST',
              body,
              headers: { 'content-type': type },
            }),
            read: await status('/metadata/timestamp.json'),
          };
        },
        [deletion, 'application/json'] as const,
      );
      expect({ shown: shown?.status(), at: page.url(), ...tried, left: await served.read(published) }).toEqual({
        shown: 421,
        at: `http://evil.test:${port}/`,
        deleted: 421,
        read: 421,
        left: 'one',
      });
    } finally {
      await browser.close();
    }
  });
});

describe("the demo's control strip", () => {
  it('accepts commands only from its own page', async () => {
    const acted: StudioAction[] = [];
    const studio = {
      state: () => ({}),
      act: async (action: StudioAction) => {
        acted.push(action);
        return Promise.resolve();
      },
    } as unknown as Studio;
    const control = await serveControl(studio, undefined);
    try {
      const { port, host } = new URL(control.url);
      const act = async (headers: Readonly<Record<string, string>>): Promise<number | undefined> => {
        const attack = { path: '/act', headers: { ...json, ...headers }, body: '{"action":"server"}' };
        return (await sendTo(Number(port), attack)).statusCode;
      };
      const state = await sendTo(Number(port), {
        method: 'GET',
        path: '/state',
        headers: { host: `evil.test:${port}` },
      });
      expect({
        rebound: await act({ host: `evil.test:${port}` }),
        foreign: await act({ host, origin: 'https://evil.test' }),
        form: await act({ host, 'content-type': 'text/plain' }),
        state: state.statusCode,
        own: await act({ host, origin: `http://${host}` }),
        acted,
      }).toEqual({ rebound: 421, foreign: 403, form: 415, state: 421, own: 204, acted: ['server'] });
    } finally {
      await control.close();
    }
  });
});

async function publishedWithoutToken(): Promise<Served> {
  const served = await serve({ token: false });
  await served.publish(published, 'one');
  return served;
}

function portOf(served: Served): number {
  return Number(new URL(served.repository.url).port);
}

function named(host: string): Attack {
  return { headers: { ...json, host } };
}

function rebound(port: number, site: string): Readonly<Record<string, string>> {
  return { ...json, host: `evil.test:${port}`, origin: `http://evil.test:${port}`, 'sec-fetch-site': site };
}

function local(port: number, headers: Readonly<Record<string, string>>): Attack {
  return { headers: { ...json, host: `127.0.0.1:${port}`, ...headers } };
}

function host(port: number): string {
  return `Host: 127.0.0.1:${port}`;
}

function good(port: number, ...more: readonly string[]): readonly string[] {
  return ['GET /api/v1/bootstrap/ HTTP/1.1', host(port), ...more, ''];
}

function evil(port: number, ...more: readonly string[]): readonly string[] {
  return ['GET /api/v1/bootstrap/ HTTP/1.1', `Host: evil.test:${port}`, ...more, ''];
}

async function send(served: Served, attack: Attack): Promise<IncomingMessage> {
  return sendTo(portOf(served), attack);
}

/** Sends headers as they are: `fetch` would choose the host itself. */
async function sendTo(port: number, { method = 'POST', path = '/', headers, body }: Attack): Promise<IncomingMessage> {
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  await text(response);
  return response;
}

/** Sends the lines on one connection, and gives the status of each answer. */
async function raw(port: number, lines: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(lines.map((line) => `${line}\r\n`).join(''));
  const answers = await text(socket);
  return [...answers.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status).join(',');
}
