import { sign } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { editEnvelope, keySetOf, openSealed, publisherKey, sealIndex } from '../../../../test/support/publisher.ts';
import { app, indexOf, releaseOf } from '../../../../test/support/release-index.ts';
import type { SigningKey } from '../../../publish/keys/key-file.ts';
import { type DsseEnvelope, preAuthenticationEncoding } from '../../../shared/dsse.ts';
import { UpdateError } from '../../../shared/errors.ts';
import { releaseIndexPayloadType } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { verifyIndex } from './verify-index.ts';

const query: ReleaseQuery = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } };
const [a, b] = [publisherKey(), publisherKey()];
const two = keySetOf([a, b]);
const index = indexOf([releaseOf('1.1.0', { notes: { en: 'Better.', de: 'Besser.' } }), releaseOf('1.0.0')]);
const honest = sealIndex(index, [a, b]);

/** The code of the refusal, or `accepted`. An error without a code fails the test. */
function outcome(bytes: Uint8Array, set = two): string {
  try {
    expect(verifyIndex(bytes, query, set).index).toEqual(index);
    return 'accepted';
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

/** An honest envelope, changed. */
function changed(change: (envelope: DsseEnvelope) => unknown): Uint8Array {
  return editEnvelope(honest, change);
}

/** An envelope with any payload and valid signatures. */
function signed(
  payload: string | Uint8Array,
  keys: readonly SigningKey[] = [a, b],
  type = releaseIndexPayloadType,
): Uint8Array {
  const bytes = Buffer.from(payload);
  const message = preAuthenticationEncoding(type, bytes);
  const signatures = keys.map((key) => ({
    keyid: key.publicKey.keyid,
    sig: sign(null, message, key.privateKey).toString('base64'),
  }));
  return Buffer.from(JSON.stringify({ payloadType: type, payload: bytes.toString('base64'), signatures }));
}

describe('signatures', () => {
  it('are enough at the threshold', () => {
    expect({
      threshold: outcome(honest),
      withUnknownKey: outcome(sealIndex(index, [b, a, publisherKey()])),
    }).toEqual({ threshold: 'accepted', withUnknownKey: 'accepted' });
  });

  it.each<[string, Uint8Array]>([
    ['no key', sealIndex(index, [])],
    ['one of two keys', sealIndex(index, [a])],
    ['unknown keys', sealIndex(index, [publisherKey(), publisherKey()])],
    ['one key twice', changed(({ signatures: [first], ...rest }) => ({ ...rest, signatures: [first, first] }))],
    [
      'one key under both ids',
      changed(({ signatures: [first], ...rest }) => ({
        ...rest,
        signatures: [first, { ...first, keyid: b.publicKey.keyid }],
      })),
    ],
    [
      'two keys under exchanged ids',
      changed(({ signatures: [first, second], ...rest }) => ({
        ...rest,
        signatures: [
          { ...first, keyid: second?.keyid },
          { ...second, keyid: first?.keyid },
        ],
      })),
    ],
    ['prototype names', changed((envelope) => ({ ...envelope, signatures: [{ keyid: '__proto__', sig: '' }] }))],
    [
      'a hash without a signature',
      changed((envelope) => ({ ...envelope, signatures: [{ keyid: 'constructor', sig: 'AAAA' }] })),
    ],
  ])('of %s are not enough', (_who, bytes) => {
    expect(outcome(bytes)).toBe('TRUST_PUBLISHER_UNSIGNED');
  });

  it('over another payload or another payload type do not count', () => {
    expect({
      otherPayload: outcome(changed((envelope) => ({ ...envelope, payload: Buffer.from('{}').toString('base64') }))),
      otherType: outcome(signed(JSON.stringify(index), [a, b], 'application/json')),
      signaturesOfOtherType: outcome(
        changed((envelope) => ({
          ...envelope,
          signatures: openSealed(signed(JSON.stringify(index), [a, b], 'text/plain')).signatures,
        })),
      ),
    }).toEqual({
      otherPayload: 'TRUST_PUBLISHER_UNSIGNED',
      otherType: 'TRUST_INDEX_INVALID',
      signaturesOfOtherType: 'TRUST_PUBLISHER_UNSIGNED',
    });
  });

  it('are checked before the payload is parsed', () => {
    expect({ unsigned: outcome(signed('not JSON', [a])), signed: outcome(signed('not JSON', [a, b])) }).toEqual({
      unsigned: 'TRUST_PUBLISHER_UNSIGNED',
      signed: 'TRUST_INDEX_INVALID',
    });
  });
});

describe('envelopes', () => {
  it.each<[string, Uint8Array]>([
    ['nothing', Buffer.alloc(0)],
    ['not JSON', Buffer.from('captive portal')],
    ['null', Buffer.from('null')],
    ['not UTF-8', Buffer.concat([honest, Buffer.from([0xff])])],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), honest])],
    ['no payload', changed(({ payloadType, signatures }) => ({ payloadType, signatures }))],
    ['base64 with spare bits', changed((envelope) => ({ ...envelope, payload: 'AB==' }))],
    ['base64 without padding', changed((envelope) => ({ ...envelope, payload: 'AA' }))],
    [
      'a signature in base64 with spare bits',
      changed((envelope) => ({ ...envelope, signatures: [{ keyid: '', sig: 'AB==' }] })),
    ],
    ['33 signatures', changed((envelope) => ({ ...envelope, signatures: Array(33).fill(envelope.signatures[0]) }))],
    ['a million brackets', Buffer.from('['.repeat(1_000_000))],
    ['half a million nested arrays', Buffer.from('['.repeat(500_000) + ']'.repeat(500_000))],
    [
      'hundreds of thousands of empty signatures',
      Buffer.from(`{"payloadType":"","payload":"","signatures":[{}${',{}'.repeat(340_000)}]}`),
    ],
  ])('with %s are refused', (_what, bytes) => {
    expect(outcome(bytes)).toBe('TRUST_INDEX_INVALID');
  });

  it('over 1 MiB are refused', () => {
    expect(outcome(Buffer.alloc(1024 * 1024 + 1, ' '))).toBe('TRUST_TOO_LARGE');
  });
});

describe('signed payloads', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['of a newer schema', JSON.stringify({ ...index, schema: 2 }), 'TRUST_INDEX_SCHEMA'],
    ['of a nested schema', `{"schema":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'TRUST_INDEX_INVALID'],
    ['that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'TRUST_INDEX_INVALID'],
    ['with another app', JSON.stringify({ ...index, app: 'org.example.other' }), 'TRUST_INDEX_CONFUSED'],
    ['with another channel', JSON.stringify({ ...index, channel: 'beta' }), 'TRUST_INDEX_CONFUSED'],
    ['with another platform', JSON.stringify({ ...index, platform: 'win32' }), 'TRUST_INDEX_CONFUSED'],
    ['with another arch', JSON.stringify({ ...index, arch: 'arm64' }), 'TRUST_INDEX_CONFUSED'],
    ['with unknown fields', JSON.stringify({ ...index, colour: 'green', ['__proto__']: { app: 'x' } }), 'accepted'],
  ])('%s', (_what, payload, expected) => {
    expect(outcome(signed(payload))).toBe(expected);
  });

  it('cannot make a message very long', () => {
    const long = signed(JSON.stringify({ ...index, app: 'x'.repeat(500_000) }));
    expect(() => verifyIndex(long, query, two)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{0,700}$/) }),
    );
  });
});

describe('any change', () => {
  const size = honest.length;

  it('of a byte is refused, or leaves the same index', () => {
    fc.assert(
      fc.property(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const bytes = Uint8Array.from(honest);
        bytes[at] = (bytes[at] ?? 0) ^ difference;
        expect(outcome(bytes)).toMatch(/^(accepted|TRUST_(INDEX_INVALID|PUBLISHER_UNSIGNED))$/);
      }),
      { numRuns: 2000 },
    );
  });

  it('of the payload, or of a signature that is needed, is refused', () => {
    const envelope = openSealed(honest);
    fc.assert(
      fc.property(
        fc.constantFrom('payload', 'first', 'second'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (field, at, difference) => {
          const flip = (text: string): string => {
            const bytes = Buffer.from(text, 'base64');
            bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ difference;
            return bytes.toString('base64');
          };
          const [first, second] = envelope.signatures;
          const forged = {
            ...envelope,
            payload: field === 'payload' ? flip(envelope.payload) : envelope.payload,
            signatures: [
              { ...first, sig: field === 'first' ? flip(first?.sig ?? '') : first?.sig },
              { ...second, sig: field === 'second' ? flip(second?.sig ?? '') : second?.sig },
            ],
          };
          expect(outcome(Buffer.from(JSON.stringify(forged)))).toBe('TRUST_PUBLISHER_UNSIGNED');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('of length is refused', () => {
    fc.assert(
      fc.property(fc.nat(size - 3), (length) => {
        expect(outcome(honest.subarray(0, length))).toBe('TRUST_INDEX_INVALID');
      }),
    );
  });

  it('of a field, even a signed one, gives an index or a coded refusal', () => {
    const paths = fieldsOf(index);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        const bytes = signed(JSON.stringify(withField(index, path, value)));
        try {
          const read = verifyIndex(bytes, query, two).index;
          expect(read).toMatchObject({ app, channel: 'stable', platform: 'linux', arch: 'x64' });
        } catch (error) {
          expect(error).toBeInstanceOf(UpdateError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

type Path = readonly string[];

/** The path of every field, at every depth. */
function fieldsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, child]) => fieldsOf(child, [...at, key]))];
}

function withField(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = withField(copy[key], rest, replacement);
  return copy;
}
