import { expect, it } from 'vitest';

import { omitUndefined } from './omit-undefined.ts';

it('keeps every value but undefined', () => {
  expect(omitUndefined({ none: undefined, nothing: null, no: false, zero: 0, text: '' })).toStrictEqual({
    nothing: null,
    no: false,
    zero: 0,
    text: '',
  });
});
