import { canonicalize } from '@tufjs/canonical-json';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../../shared/errors.ts';
import { parseEnvelope, type JsonRecord } from './parse-envelope.ts';
import { encodeCanonicalJson } from '../verify/canonical-json.ts';
import { createYieldTimer } from './cooperative-yield.ts';

async function outcome(bytes: Uint8Array | string): Promise<string> {
  try {
    await parseEnvelope(Buffer.from(bytes), 'root', 'root');
    return 'admitted';
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

const file = (more: object): string => JSON.stringify({ signed: { _type: 'root' }, signatures: [], ...more });

const nested = (levels: number): unknown => (levels === 0 ? 'x' : [nested(levels - 1)]);

describe('parseEnvelope', () => {
  it.each([
    ['a file', file({}), 'admitted'],
    ['nothing', '', 'TRUST_MALFORMED'],
    ['null', 'null', 'TRUST_MALFORMED'],
    ['another type', '{"signed":{"_type":"targets"},"signatures":[]}', 'TRUST_MALFORMED'],
    ['no signatures', '{"signed":{"_type":"root"}}', 'TRUST_MALFORMED'],
    ['32 levels', file({ note: nested(31) }), 'admitted'],
    ['33 levels', file({ note: nested(32) }), 'TRUST_MALFORMED'],
    ['brackets without end', '['.repeat(400_000), 'TRUST_MALFORMED'],
    ['entries without end', `[${'1,'.repeat(200_000)}1]`, 'TRUST_TOO_LARGE'],
    ['too many bytes', ' '.repeat(512_001), 'TRUST_TOO_LARGE'],
    ['a byte order mark', `\ufeff${file({})}`, 'TRUST_MALFORMED'],
    ['a web page', '<!DOCTYPE html><p>Log in', 'TRUST_SERVER'],
    ['brackets in a string', file({ note: '[{'.repeat(1000) }), 'admitted'],
    ['prototype names', '{"__proto__":{},"signed":{"_type":"root","__proto__":{}},"signatures":[]}', 'admitted'],
    [
      'one key id twice',
      file({
        signatures: [
          { keyid: 'a', sig: '' },
          { keyid: 'a', sig: '' },
        ],
      }),
      'TRUST_UNSIGNED',
    ],
    [
      '65 signatures',
      file({ signatures: Array.from({ length: 65 }, (_, at) => ({ keyid: `${at}`, sig: '' })) }),
      'TRUST_MALFORMED',
    ],
  ])('of %s: %j', async (_what, bytes, expected) => {
    expect(await outcome(bytes)).toBe(expected);
  });

  it('refuses arbitrary bytes with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await outcome(bytes)).toMatch(/^(admitted|TRUST_)/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('canonical JSON', () => {
  it('matches the reference implementation', async () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.maxSafeInteger(), tie('list'), tie('record')),
      list: fc.array(tie('value'), { maxLength: 4 }),
      record: fc.dictionary(fc.string(), tie('value'), { maxKeys: 6 }),
    })).record;
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect((await encodeCanonicalJson(value, createYieldTimer())).toString()).toBe(canonicalize(value));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['fractions', { a: { b: [0.5] } }],
    ['numbers beyond 2^53', { a: 2 ** 53 }],
    ['half a surrogate pair', { a: ['\ud800'] }],
    ['half a surrogate pair as a name', { a: { '\udc00': 1 } }],
  ])('does not exist for %s', async (_what, value) => {
    await expect(encodeCanonicalJson(value, createYieldTimer())).rejects.toThrow(TypeError);
  });

  it.each([
    ['-0', '{"a":0}'],
    ['1.0', '{"a":1}'],
    ['{"\uffff":1,"\ud83d\ude00":2}', '{"a":{"\uffff":1,"\ud83d\ude00":2}}'],
    ['{"10":1,"9":2,"__proto__":3,"":4}', '{"a":{"":4,"10":1,"9":2,"__proto__":3}}'],
    ['"\\n\\u0000\\"\\\\"', '{"a":"\n\u0000\\"\\\\"}'],
  ])('of %s is as Python writes it', async (value, expected) => {
    const signed = JSON.parse(`{"a":${value}}`) as JsonRecord;
    expect((await encodeCanonicalJson(signed, createYieldTimer())).toString()).toBe(expected);
  });

  it('yields after each member, whatever the shape', async () => {
    const list = Array.from({ length: 5000 }, (_, at) => ({ name: String(at), paths: ['x'] }));
    const shapes = { flat: Object.fromEntries(list.map(({ name }) => [name, 1])), deep: { a: { b: { list } } }, list };
    const asked: number[] = [];
    const done = [];
    for (const value of Object.values(shapes)) {
      asked.push(0);
      const yieldTimer = {
        shouldYield: () => (asked[asked.length - 1] = (asked.at(-1) ?? 0) + 1) > 0,
        yieldNow: () => Promise.resolve(),
      };
      done.push((await encodeCanonicalJson({ value }, yieldTimer)).toString() === canonicalize({ value }));
    }
    expect([asked, done]).toEqual([
      [5001, 1 + 3 + 5000 * 4, 1 + 5000 * 4],
      [true, true, true],
    ]);
  });
});
