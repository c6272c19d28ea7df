import { expect, it } from 'vitest';

import type { HttpClient, HttpRequestOptions } from '../ports.ts';
import { checkHeaders, type RequestHeaders, withOwnHeaders } from './own-headers.ts';

/** A client that records its requests. */
function noting(): { readonly http: HttpClient; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const http: HttpClient = {
    async get(url: string, { headers }: HttpRequestOptions) {
      asked.push({ url, headers });
      return Promise.reject(new Error('no server'));
    },
    close: async () => Promise.resolve(void asked.push('close')),
  };
  return { http, asked };
}

const addresses = ['https://updates.example.org/metadata/', 'https://files.example.org:8443/'];

async function ask(headers: RequestHeaders, ...urls: readonly string[]): Promise<unknown[]> {
  const { http, asked } = noting();
  const client = withOwnHeaders(http, addresses, headers);
  for (const url of urls) await client.get(url, { maxBytes: 1, headers: { Range: 'bytes=0-1' } }).catch(String);
  await client.close();
  return asked;
}

it('adds the headers for the given addresses, and for no others', async () => {
  const range = { Range: 'bytes=0-1' };
  const own = { authorization: 'Bearer secret', ...range };
  expect(
    await ask(
      { Authorization: 'Bearer secret' },
      'https://updates.example.org/metadata/timestamp.json',
      'https://files.example.org:8443/notes.AppImage',
      'https://files.example.org/notes.AppImage',
      'http://updates.example.org/metadata/timestamp.json',
      'https://mirror.example.net/notes.AppImage',
      'not an address',
    ),
  ).toEqual([
    { url: 'https://updates.example.org/metadata/timestamp.json', headers: own },
    { url: 'https://files.example.org:8443/notes.AppImage', headers: own },
    { url: 'https://files.example.org/notes.AppImage', headers: range },
    { url: 'http://updates.example.org/metadata/timestamp.json', headers: range },
    { url: 'https://mirror.example.net/notes.AppImage', headers: range },
    { url: 'not an address', headers: range },
    'close',
  ]);
});

it('calls a function before each request', async () => {
  let asked = 0;
  const headers = (): { 'x-count': number } => ({ 'x-count': (asked += 1) });
  const [first, second] = await ask(headers, 'https://updates.example.org/a', 'https://updates.example.org/b');
  expect({ first, second }).toMatchObject({
    first: { headers: { 'x-count': '1' } },
    second: { headers: { 'x-count': '2' } },
  });
});

it('accepts the values that Node accepts, and omits absent ones', () => {
  expect(checkHeaders({ 'X-Id': 7, Accept: ['a', 'b'], 'X-None': undefined, 'X-Empty': '' })).toEqual({
    'x-id': '7',
    accept: 'a, b',
    'x-empty': '',
  });
});

it.each(['Range', 'accept-encoding', 'Host', 'Proxy-Authorization', 'X Y', '', 'X-A:'])(
  'refuses the header %j',
  (name) => {
    expect(() => checkHeaders({ [name]: 'value' })).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  },
);

it('refuses a value that would start another header, without repeating it in the error', () => {
  const attempt = (): unknown => checkHeaders({ 'X-Token': 'secret\r\nHost: evil.example' });
  expect(attempt).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  expect(attempt).not.toThrow(/secret/);
});
