import { describe, expect, it } from 'vitest';

import { assertIdentitiesCanCount, assertTrustedRoot, sigstoreRolesOf } from './sigstore-keys.ts';

const keys = { ed: { keytype: 'ed25519' }, ec: { keytype: 'ecdsa' }, ann: { keytype: 'sigstore-oidc' } };
const rootOf = (roles: Readonly<Record<string, readonly [threshold: number, ...keyids: string[]]>>): unknown => ({
  signed: {
    keys,
    roles: Object.fromEntries(
      Object.entries(roles).map(([name, [threshold, ...keyids]]) => [name, { keyids, threshold }]),
    ),
  },
});

describe('roles that need Sigstore', () => {
  it('are those whose other keys do not reach the threshold', () => {
    const root = rootOf({
      root: [2, 'ed', 'ann'],
      targets: [1, 'ed', 'ann'],
      snapshot: [1, 'ed'],
      timestamp: [1, 'ann'],
    });
    expect(sigstoreRolesOf(root)).toEqual({ named: ['root', 'targets', 'timestamp'], needed: ['root', 'timestamp'] });
  });

  it('are refused without a trusted root, and only then', () => {
    const needing = rootOf({ root: [1, 'ann'] });
    expect(() => assertIdentitiesCanCount(needing, undefined)).toThrow(/--sigstore/);
    expect(() => assertIdentitiesCanCount(needing, Buffer.from('{}'))).not.toThrow();
    expect(() => assertIdentitiesCanCount(rootOf({ root: [1, 'ed', 'ann'] }), undefined)).not.toThrow();
  });

  it('are none in what is no root', () => {
    expect(sigstoreRolesOf({ signed: { keys: 1 } })).toEqual({ named: [], needed: [] });
  });
});

describe('a trusted root', () => {
  const good = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [{}],
    certificateAuthorities: [{}],
  };
  it.each([
    ['no JSON', 'x'],
    ['another document', '{"mediaType":"application/json"}'],
    ['one without logs', JSON.stringify({ ...good, tlogs: [] })],
    ['one that is too long', JSON.stringify({ ...good, more: 'x'.repeat(300_000) })],
  ])('is not %s', (_what, text) => {
    expect(() => assertTrustedRoot(Buffer.from(text))).toThrow(/no trusted root/);
  });

  it('has authorities and logs', () => {
    expect(() => assertTrustedRoot(Buffer.from(JSON.stringify(good)))).not.toThrow();
  });
});
