import { expect, it } from 'vitest';

import { parseRange } from './range.ts';

it.each([
  [undefined, 10, { type: 'whole' }],
  ['bytes=0-3', 10, { type: 'part', start: 0, end: 3 }],
  ['bytes=4-', 10, { type: 'part', start: 4, end: 9 }],
  ['bytes=-3', 10, { type: 'part', start: 7, end: 9 }],
  ['bytes=-30', 10, { type: 'part', start: 0, end: 9 }],
  ['bytes=9-99', 10, { type: 'part', start: 9, end: 9 }],
  ['bytes=10-', 10, { type: 'unsatisfiable' }],
  ['bytes=-0', 10, { type: 'unsatisfiable' }],
  ['bytes=0-', 0, { type: 'unsatisfiable' }],
  ['bytes=5-4', 10, { type: 'whole' }],
  ['bytes=0-1,3-4', 10, { type: 'whole' }],
  ['bytes=-', 10, { type: 'whole' }],
  ['items=0-3', 10, { type: 'whole' }],
  ['bytes=a-b', 10, { type: 'whole' }],
])('reads %j of %i bytes', (header, size, range) => {
  expect(parseRange(header, size)).toEqual(range);
});
