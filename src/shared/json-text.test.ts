import { expect, it } from 'vitest';

import { parseJsonText, withoutByteOrderMark } from './json-text.ts';

it('reads a text with and without a byte order mark, and removes only one mark', () => {
  expect({
    plain: parseJsonText('{"a":1}'),
    marked: parseJsonText('\uFEFF{"a":1}'),
    bytes: Buffer.from(withoutByteOrderMark(Buffer.from('\uFEFF{}'))).toString(),
    unmarked: Buffer.from(withoutByteOrderMark(Buffer.from('{}'))).toString(),
  }).toEqual({ plain: { a: 1 }, marked: { a: 1 }, bytes: '{}', unmarked: '{}' });
  expect(() => parseJsonText('\uFEFF\uFEFF{}')).toThrow(SyntaxError);
});
