import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../../shared/errors.ts';
import { encodeCanonicalJson } from './canonical-json.ts';
import { createYieldTimer } from '../metadata/cooperative-yield.ts';
import type { RawKey } from '../metadata/verification-key.ts';
import { assertThreshold } from './signatures.ts';

const signed = { _type: 'targets', version: 1 };
const bytes = await encodeCanonicalJson(signed, createYieldTimer());

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}
const [ed, ec, ec384, rsa] = [
  generateKeyPairSync('ed25519'),
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
] as const;

const pem = ({ publicKey }: Pair): string => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const edHex = Buffer.from(ed.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
/** A point on a curve in its long or short form (SEC 1, section 2.3.3). */
function point({ publicKey }: Pair, isShort: boolean): string {
  const jwk = publicKey.export({ format: 'jwk' });
  const [x, y] = [jwk.x, jwk.y].map((one) => Buffer.from(one ?? '', 'base64url')) as [Buffer, Buffer];
  const long = Buffer.concat([Buffer.of(4), x, y]);
  return (isShort ? Buffer.concat([Buffer.of(2 + ((y.at(-1) ?? 0) & 1)), x]) : long).toString('hex');
}

const es256 = 'ecdsa-sha2-nistp256';
const key = (type: string, scheme: string, value: string): RawKey => ({ type, scheme, value });
const byPss = (padding: number): string => sign('sha256', bytes, { key: rsa.privateKey, padding }).toString('hex');
const sigs = {
  ed: sign(null, bytes, ed.privateKey).toString('hex'),
  ec: sign('sha256', bytes, ec.privateKey).toString('hex'),
  ec384: sign('sha384', bytes, ec384.privateKey).toString('hex'),
  raw: sign('sha256', bytes, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex'),
  pss: byPss(6),
  pkcs1: byPss(1),
};

/** Whether `threshold` of these keys signed it. */
async function counted(threshold: number, ...keys: readonly (readonly [RawKey, sig: string])[]): Promise<string> {
  const ids = keys.map((_, at) => `key ${at}`);
  const envelope = { signed, signatures: keys.map(([, sig], at) => ({ keyid: `key ${at}`, sig })) };
  const texts = new Map(keys.map(([text], at) => [`key ${at}`, text] as const));
  try {
    await assertThreshold(envelope, 'targets', { keyids: ids, threshold }, { keys: texts });
    return 'signed';
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

describe('a signature', () => {
  it.each([
    ['ed25519', key('ed25519', 'ed25519', edHex), sigs.ed],
    ['ed25519 in PEM', key('ed25519', 'ed25519', pem(ed)), sigs.ed],
    ['ECDSA P-256 in PEM', key('ecdsa', es256, pem(ec)), sigs.ec],
    ['ECDSA P-256, its own type, a long point', key(es256, es256, point(ec, false)), sigs.ec],
    ['ECDSA P-256, a short point', key('ecdsa', es256, point(ec, true)), sigs.ec],
    ['ECDSA P-384', key('ecdsa', 'ecdsa-sha2-nistp384', pem(ec384)), sigs.ec384],
    ['RSA-PSS', key('rsa', 'rsassa-pss-sha256', pem(rsa)), sigs.pss],
    ['hex in capitals', key('ed25519', 'ed25519', edHex), sigs.ed.toUpperCase()],
  ])('with %s counts', async (_what, text, sig) => {
    expect(await counted(1, [text, sig])).toBe('signed');
  });

  it.each([
    ['of a key of another type than it says', key('ed25519', 'ed25519', pem(rsa)), sigs.pkcs1],
    ['of an unknown scheme', key('ed25519', 'ed25519-sha3', edHex), sigs.ed],
    ['of a curve of another size', key('ecdsa', es256, pem(ec384)), sigs.ec384],
    ['with the older RSA padding', key('rsa', 'rsassa-pss-sha256', pem(rsa)), sigs.pkcs1],
    ['that is ECDSA and not DER', key('ecdsa', es256, pem(ec)), sigs.raw],
    ['with more behind it', key('ed25519', 'ed25519', edHex), `${sigs.ed}00`],
    ['with what is no hex behind it', key('ed25519', 'ed25519', edHex), `${sigs.ed}zz`],
    ['that is empty', key('ed25519', 'ed25519', edHex), ''],
    ['of no key', key('ed25519', 'ed25519', ''), sigs.ed],
    ['of a key that is no key', key('ed25519', 'ed25519', edHex.slice(2)), sigs.ed],
  ])('%s does not count', async (_what, text, sig) => {
    expect(await counted(1, [text, sig])).toBe('TRUST_UNSIGNED');
  });

  it('by an RSA key below 2048 bits does not count', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const sig = sign('sha256', bytes, { key: small.privateKey, padding: 6 }).toString('hex');
    expect(await counted(1, [key('rsa', 'rsassa-pss-sha256', pem(small)), sig])).toBe('TRUST_UNSIGNED');
  });

  it.each([
    [
      'long and short points',
      [key('ecdsa', es256, point(ec, false)), sigs.ec],
      [key('ecdsa', es256, point(ec, true)), sigs.ec],
    ],
    ['PEM and a point', [key('ecdsa', es256, pem(ec)), sigs.ec], [key(es256, es256, point(ec, true)), sigs.ec]],
    ['PEM and hex', [key('ed25519', 'ed25519', pem(ed)), sigs.ed], [key('ed25519', 'ed25519', edHex), sigs.ed]],
    [
      'two schemes',
      [key('rsa', 'rsassa-pss-sha256', pem(rsa)), sigs.pss],
      [
        key('rsa', 'rsassa-pss-sha512', pem(rsa)),
        sign('sha512', bytes, { key: rsa.privateKey, padding: 6 }).toString('hex'),
      ],
    ],
  ] as const)('trap 16: of one key, written as %s, counts once', async (_what, one, other) => {
    expect([await counted(1, one, other), await counted(2, one, other)]).toEqual(['signed', 'TRUST_UNSIGNED']);
  });

  it('that is invalid does not prevent a valid one by the same key from counting', async () => {
    const text = key('ecdsa', es256, pem(ec));
    expect(await counted(1, [text, sigs.ed], [key(es256, es256, point(ec, true)), sigs.ec])).toBe('signed');
  });
});
