import { describe, expect, it } from 'vitest';

import { displayUrl, leadsToThisMachine, parseSecureUrl } from './secure-url.ts';

describe('leadsToThisMachine', () => {
  it.each([
    'localhost',
    'localhost.',
    'LOCALHOST',
    'a.localhost',
    'a.b.localhost.',
    '127.0.0.1',
    '127.1',
    '127.0.0.1.',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:0.0.0.0]',
    '[::127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
  ])('says yes to %s', (host) => {
    expect(leadsToThisMachine(new URL(`https://${host}/`))).toBe(true);
  });

  it.each([
    'example.org',
    'localhost.example.org',
    'mylocalhost',
    '127.0.0.1.example.org',
    '126.0.0.1',
    '128.0.0.1',
    '10.0.0.1',
    '[2001:db8::1]',
    '[::ffff:8.8.8.8]',
    '[1::7f00:1]',
  ])('says no to %s', (host) => {
    expect(leadsToThisMachine(new URL(`https://${host}/`))).toBe(false);
  });
});

describe('displayUrl', () => {
  it.each([
    ['https://me:hidden@example.org:8443/a/b?token=hidden#hidden', 'https://example.org:8443/a/b'],
    ['https://example.org/', 'https://example.org/'],
    ['me:hidden@example.org/a', '…@example.org/a'],
    ['https://me:hidden@[bad/', '…@[bad/'],
    ['/a/b?token=hidden', '/a/b'],
  ])('formats %s', (address, shown) => {
    expect(displayUrl(address)).toBe(shown);
  });
});

describe('parseSecureUrl', () => {
  it.each(['http://me:hidden@example.org/', 'me:hidden@example.org', 'https://me:hidden@[bad/', 'x?token=hidden'])(
    'refuses %s without repeating a secret',
    (address) => {
      expect(() => parseSecureUrl(address)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hidden') as string }),
      );
    },
  );
});
