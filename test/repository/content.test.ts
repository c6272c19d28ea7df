import { request } from 'node:http';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { type Served, serve } from './served.ts';

const text = '0123456789';
const hashed = `${'ab'.repeat(32)}.app`;

it.each<[what: string, headers: Record<string, string>, answer: object]>([
  ['a part', { range: 'bytes=2-4' }, { status: 206, body: '234', range: 'bytes 2-4/10' }],
  ['an open part', { range: 'bytes=7-' }, { status: 206, body: '789', range: 'bytes 7-9/10' }],
  ['the last bytes', { range: 'bytes=-2' }, { status: 206, body: '89', range: 'bytes 8-9/10' }],
  ['two parts', { range: 'bytes=0-1,4-5' }, { status: 200, body: text, range: null }],
  ['what is beyond the end', { range: 'bytes=10-' }, { status: 416, body: '', range: 'bytes */10' }],
  ['a part of another version', { range: 'bytes=2-4', 'if-range': '"x"' }, { status: 200, body: text, range: null }],
])('answers a request for %s', async (_what, headers, answer) => {
  await using served = await withFile();
  const response = await fetch(`${served.repository.targetsUrl}notes/${hashed}`, { headers });
  const range = response.headers.get('content-range');
  expect({ status: response.status, body: await response.text(), range }).toEqual(answer);
});

it('has strong validators that change only with the bytes', async () => {
  await using served = await withFile();
  const url = `${served.repository.targetsUrl}notes/${hashed}`;
  const etag = (await fetch(url)).headers.get('etag') ?? '';
  const part = await fetch(url, { headers: { range: 'bytes=1-1', 'if-range': etag } });
  const unchanged = await fetch(url, { headers: { 'if-none-match': etag } });
  const directory = join(served.repository.contentDirectory, 'notes');
  await writeFile(join(directory, 'other'), 'ABCDEFGHIJ');
  await rename(join(directory, 'other'), join(directory, hashed));
  const changed = await fetch(url, { headers: { range: 'bytes=1-1', 'if-range': etag } });
  expect({
    etag,
    part: [part.status, await part.text()],
    unchanged: unchanged.status,
    changed: [changed.status, await changed.text()],
  }).toEqual({
    etag: expect.stringMatching(/^"[^"]+"$/),
    part: [206, '1'],
    unchanged: 304,
    changed: [200, 'ABCDEFGHIJ'],
  });
});

it('answers HEAD like GET without a body, and refuses other methods', async () => {
  await using served = await withFile();
  const url = `${served.repository.targetsUrl}notes/${hashed}`;
  const head = await fetch(url, { method: 'HEAD' });
  const put = await fetch(url, { method: 'PUT', body: 'x' });
  expect({
    head: [head.status, head.headers.get('content-length'), await head.text()],
    put: [put.status, put.headers.get('allow')],
  }).toEqual({ head: [200, '10', ''], put: [405, 'GET, HEAD'] });
});

it('states how long each file may be cached', async () => {
  await using served = await withFile();
  const { metadataUrl, targetsUrl } = served.repository;
  const policy = async (url: string): Promise<unknown> => {
    const response = await fetch(url);
    await response.body?.cancel();
    return [response.status, response.headers.get('cache-control')];
  };
  const immutable = 'public, max-age=31536000, immutable';
  expect({
    timestamp: await policy(`${metadataUrl}timestamp.json`),
    root: await policy(`${metadataUrl}1.root.json`),
    nextRoot: await policy(`${metadataUrl}2.root.json`),
    hashed: await policy(`${targetsUrl}notes/${hashed}`),
    plain: await policy(`${targetsUrl}notes/app`),
  }).toEqual({
    timestamp: [200, 'no-store'],
    root: [200, immutable],
    nextRoot: [404, 'no-store'],
    hashed: [200, immutable],
    plain: [200, 'no-cache'],
  });
});

it.each([
  '../repository.json',
  '%2e%2e/repository.json',
  '..%2frepository.json',
  'notes/../../repository.json',
  'notes//app',
  'notes',
  '%00',
  '%zz',
  '..%5crepository.json',
])('serves nothing for %s', async (path) => {
  await using served = await withFile();
  expect(await rawStatus(served.repository.targetsUrl, path)).toBe(404);
});

it('does not serve a link to something that is not a file', async () => {
  await using served = await withFile();
  await symlink(served.directory, join(served.repository.contentDirectory, 'link'));
  expect(await rawStatus(served.repository.targetsUrl, 'link')).toBe(404);
});

it('survives a client that disconnects in the middle of a file', async () => {
  await using served = await withFile();
  await writeFile(join(served.repository.contentDirectory, 'large'), new Uint8Array(32 * 1024 * 1024));
  const response = await fetch(`${served.repository.targetsUrl}large`);
  await response.body?.cancel();
  expect((await fetch(`${served.repository.targetsUrl}notes/app`)).status).toBe(200);
});

async function withFile(): Promise<Served> {
  const served = await serve();
  const directory = join(served.repository.contentDirectory, 'notes');
  await mkdir(directory);
  await writeFile(join(directory, hashed), text);
  await writeFile(join(directory, 'app'), text);
  return served;
}

/** Sends the path as it is: `fetch` would tidy it up. */
async function rawStatus(base: string, path: string): Promise<number | undefined> {
  const { hostname, port, pathname } = new URL(base);
  return new Promise((settle, fail) => {
    request({ hostname, port, path: `${pathname}${path}` }, (response) => {
      response.resume();
      settle(response.statusCode);
    })
      .on('error', fail)
      .end();
  });
}
