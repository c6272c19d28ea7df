import { expect, it } from 'vitest';

import { isSystemAtLeast } from './system-version.ts';

it.each<[string, string, boolean | undefined]>([
  ['10.0.22631', '6.1', true],
  ['6.9', '6.10', false],
  ['6.10', '6.9', true],
  ['14', '14.0.0', true],
  ['14.0.0', '14.0.1', false],
  ['6.1.0-13-amd64', '6.1', true],
  ['6.1.0-13-amd64', '6.1.1', false],
  ['99999999999999999999', '1', true],
  ['', '6.1', undefined],
  ['unknown', '6.1', undefined],
])('system %s, at least %s: %s', (system, minimum, expected) => {
  expect(isSystemAtLeast(system, minimum)).toBe(expected);
});
