import { describe, expect, it } from 'vitest';

import { firstHop, maxRedirects, nextHop } from './hops.ts';

const headers = { Authorization: 'Bearer x', 'X-Token': 'y', Range: 'bytes=1-2', 'If-Range': '"e"' };

describe('firstHop', () => {
  it('asks for the identity encoding, whatever the caller says, and turns credentials into a header', () => {
    const hop = firstHop('https://me:p%40ss@example.org/a?b#c', { 'accept-encoding': 'gzip', 'x-a': '1' });
    expect({ url: hop.url.href, headers: hop.headers }).toEqual({
      url: 'https://example.org/a?b',
      headers: {
        'user-agent': 'electron-tuf-updater',
        authorization: `Basic ${btoa('me:p@ss')}`,
        'x-a': '1',
        'accept-encoding': 'identity',
      },
    });
  });

  it.each([
    'http://example.org/',
    'ftp://example.org/',
    'file:///etc/passwd',
    'nonsense',
    'http://127.0.0.1.example.org/',
  ])('refuses %s', (address) => {
    expect(() => firstHop(address, {})).toThrow(expect.objectContaining({ code: 'DOWNLOAD_INSECURE_URL' }));
  });

  it.each(['http://127.0.0.1:8080/', 'http://localhost/', 'http://[::1]/', 'http://0x7f.1/', 'https://example.org/'])(
    'allows %s',
    (address) => {
      expect(firstHop(address, {}).url.href).toBeTypeOf('string');
    },
  );
});

describe('nextHop', () => {
  it('keeps headers within an origin', () => {
    const hop = firstHop('https://example.org/a/b', headers);
    expect(nextHop(hop, 302, '../c', 0)).toEqual({ url: new URL('https://example.org/c'), headers: hop.headers });
  });

  it('drops credentials and custom headers at another origin, and never restores them', () => {
    const away = nextHop(firstHop('https://example.org/', headers), 307, 'https://cdn.example/x', 0);
    const back = away && nextHop(away, 307, 'https://example.org/', 1);
    const harmless = {
      'user-agent': 'electron-tuf-updater',
      'accept-encoding': 'identity',
      range: 'bytes=1-2',
      'if-range': '"e"',
    };
    expect([away?.headers, back?.headers]).toEqual([harmless, harmless]);
  });

  it('treats another port and another protocol as another origin', () => {
    const hop = firstHop('http://127.0.0.1:8080/', headers);
    expect(nextHop(hop, 302, 'http://127.0.0.1:8081/', 0)?.headers).not.toHaveProperty('authorization');
    expect(nextHop(hop, 302, 'https://127.0.0.1:8080/', 0)?.headers).not.toHaveProperty('authorization');
  });

  it.each([200, 206, 300, 304, 305, 404])('does not redirect on status %i', (status) => {
    expect(nextHop(firstHop('https://example.org/', {}), status, '/x', 0)).toBeUndefined();
  });

  it('does not redirect without a location', () => {
    expect(nextHop(firstHop('https://example.org/', {}), 302, undefined, 0)).toBeUndefined();
  });

  it.each([
    ['to plain HTTP', 'http://example.org/', 0, 'DOWNLOAD_INSECURE_URL'],
    ['to a file', 'file:///etc/passwd', 0, 'DOWNLOAD_INSECURE_URL'],
    ['to an invalid address', 'https://', 0, 'DOWNLOAD_INSECURE_URL'],
    ['to this machine', 'http://127.0.0.1/', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, over HTTPS', 'https://localhost/', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, by a full name', 'https://localhost./', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, by a name below localhost', 'https://a.localhost/', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, by the unspecified address', 'https://0.0.0.0/', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, by the unspecified IPv6 address', 'https://[::]/', 0, 'DOWNLOAD_REDIRECT'],
    ['to this machine, by IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/', 0, 'DOWNLOAD_REDIRECT'],
    ['with credentials', 'https://a:b@example.org/', 0, 'DOWNLOAD_REDIRECT'],
    ['once too often', '/x', maxRedirects, 'DOWNLOAD_REDIRECT'],
  ])('refuses a redirect %s', (_what, location, followed, code) => {
    expect(() => nextHop(firstHop('https://example.org/', {}), 302, location, followed)).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
