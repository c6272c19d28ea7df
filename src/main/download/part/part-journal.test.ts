import { describe, expect, it } from 'vitest';

import {
  formatJournal,
  formatBlock,
  formatSource,
  maxBlockBytes,
  parseJournal,
  type PartIdentity,
  type PartJournal,
} from './part-journal.ts';

const identity: PartIdentity = { length: 1000, hashName: 'sha256', digest: 'ab'.repeat(32) };
const journal: PartJournal = {
  sources: [{ url: 'https://a.example/', validator: '"x"' }, { url: 'https://b.example/' }],
  blocks: [
    { start: 0, end: 100, crc32: 1, source: 0 },
    { start: 300, end: 400, crc32: 2, source: 1 },
  ],
};
const text = formatJournal(identity, journal);

describe('the journal', () => {
  it('returns what was written', () => {
    expect(parseJournal(text, identity)).toEqual(journal);
  });

  it('accepts lines that are appended later', () => {
    const source = { url: 'https://c.example/' };
    const block = { start: 500, end: 501, crc32: 3, source: 2 };
    expect(parseJournal(text + formatSource(source) + formatBlock(block), identity)).toEqual({
      sources: [...journal.sources, source],
      blocks: [...journal.blocks, block],
    });
  });

  it('can be torn at any byte', () => {
    const whole = parseJournal(text, identity);
    for (let end = 0; end < text.length; end++) {
      const read = parseJournal(text.slice(0, end), identity);
      expect(whole?.blocks.slice(0, read?.blocks.length ?? 0)).toEqual(read?.blocks ?? []);
    }
  });

  it.each([
    ['another length', { ...identity, length: 999 }],
    ['another hash', { ...identity, digest: 'cd'.repeat(32) }],
    ['another kind of hash', { ...identity, hashName: 'sha512' as const }],
  ])('belongs to its file: not to one with %s', (_what, other) => {
    expect(parseJournal(text, other)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['zeros, as a power cut leaves them', '\0'.repeat(500)],
    ['another version', `${JSON.stringify({ part: 2, length: 1000, hash: `sha256:${identity.digest}` })}\n`],
    ['other JSON', '[]\n'],
  ])('is none when it is %s', (_what, other) => {
    expect(parseJournal(other, identity)).toBeUndefined();
  });

  it.each([
    ['reaches past the file', { start: 900, end: 1001, crc32: 0, source: 0 }],
    ['is empty', { start: 5, end: 5, crc32: 0, source: 0 }],
    ['is backwards', { start: 6, end: 5, crc32: 0, source: 0 }],
    ['names a source that is not there', { start: 0, end: 5, crc32: 0, source: 2 }],
  ])('leaves out a block that %s', (_what, block) => {
    expect(parseJournal(text + formatBlock(block), identity)?.blocks).toEqual(journal.blocks);
  });

  it('ignores a block that is longer than the client writes', () => {
    const big = { ...identity, length: 1e9 };
    const block = { start: 0, end: maxBlockBytes + 1, crc32: 0, source: 0 };
    expect(parseJournal(formatJournal(big, { sources: journal.sources, blocks: [block] }), big)?.blocks).toEqual([]);
  });

  it('stops at the first invalid line', () => {
    expect(
      parseJournal(`${text}{"at":-1}\n${formatBlock({ start: 7, end: 8, crc32: 0, source: 0 })}`, identity),
    ).toEqual(journal);
  });
});
