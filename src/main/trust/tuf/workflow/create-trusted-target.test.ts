import { expect, it } from 'vitest';

import { UpdateError } from '../../../../shared/errors.ts';
import { roleFile } from '../store/metadata-cache.ts';
import { createTrustedTarget } from './create-trusted-target.ts';

const sha512 = 'a'.repeat(128);

function created(path: string, hashes: Readonly<Record<string, string>>): unknown {
  try {
    const { hashes: kept, locations } = createTrustedTarget({ path, length: 1, hashes, custom: {} }, 'no', true);
    return { kept, locations };
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

it('trap 8: an unknown hash is ignored next to a known one, and refused alone', () => {
  expect([created('a', { 'blake2b-256': 'ab', sha512 }), created('a', { 'blake2b-256': 'ab' })]).toEqual([
    { kept: { sha512 }, locations: ['a'] },
    'TRUST_HASH_UNSUPPORTED',
  ]);
});

it.each([
  ['a?b#c', { kept: { sha512 }, locations: ['a%3Fb%23c'] }],
  ['%2e%2e/a', { kept: { sha512 }, locations: ['%252e%252e/a'] }],
  ['../a', 'TRUST_TARGET_PATH'],
  ['/a', 'TRUST_TARGET_PATH'],
  ['a\\b', 'TRUST_TARGET_PATH'],
])('trap 13: the target path %j cannot leave the base URL', (path, expected) => {
  expect(created(path, { sha512 })).toEqual(expected);
});

it('trap 12: no role name leads to the file of another role', () => {
  const names = ['../../x', 'timestamp.json', 'A', 'a', 'x'.repeat(300), '%2e', 'con ', ''].map(roleFile);
  expect([new Set(names).size, names.every((name) => /^role\.[a-z0-9.]{1,80}\.json$/.test(name))]).toEqual([8, true]);
});
