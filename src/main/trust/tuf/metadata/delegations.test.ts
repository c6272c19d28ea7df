import { expect, it } from 'vitest';

import { UpdateError } from '../../../../shared/errors.ts';
import { parseDelegations } from './delegations.ts';
import { maxPatternLength } from './limits.ts';

const roleKeys = { keyids: ['k'], threshold: 1 };
const role = (more: object): object => ({ ...roleKeys, name: 'x', terminating: false, ...more });

/** The roles that a path is delegated to, or the code of the refusal. */
function rolesFor(delegations: object, path = 'a/b'): string {
  try {
    const found = parseDelegations({ keys: {}, ...delegations }, 'targets')?.rolesFor(path) ?? [];
    return found.map(({ name }) => name).join(' ');
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

it.each<[string, object, string]>([
  [
    'in the order in which they stand',
    { roles: ['9', 'b', '1'].map((name) => role({ name, paths: ['a/*'] })) },
    '9 b 1',
  ],
  [
    'and prototype names',
    { roles: ['__proto__', 'constructor'].map((name) => role({ name, paths: ['*/*'] })) },
    '__proto__ constructor',
  ],
  ['without paths', { roles: [role({})] }, ''],
  ['with the first digits of a hash', { roles: [role({ path_hash_prefixes: ['c14cddc0'] })] }, 'x'],
  ['with them in capitals, which no hash has', { roles: [role({ path_hash_prefixes: ['C14CDDC0'] })] }, ''],
  ['with paths and prefixes', { roles: [role({ paths: ['*'], path_hash_prefixes: [''] })] }, 'TRUST_MALFORMED'],
  ['with null for paths', { roles: [role({ paths: null })] }, 'TRUST_MALFORMED'],
  ['that may terminate or not', { roles: [role({ terminating: undefined })] }, 'TRUST_MALFORMED'],
  ['under one name', { roles: [role({}), role({})] }, 'TRUST_MALFORMED'],
  ['under the name of a top-level role', { roles: [role({ name: 'snapshot' })] }, 'TRUST_MALFORMED'],
  ['that list a key twice', { roles: [role({ keyids: ['k', 'k'] })] }, 'TRUST_MALFORMED'],
  ['with a threshold of none', { roles: [role({ threshold: 0 })] }, 'TRUST_MALFORMED'],
  [
    'next to hash bins',
    { roles: [], succinct_roles: { ...roleKeys, bit_length: 1, name_prefix: 'b' } },
    'TRUST_MALFORMED',
  ],
  ['nowhere', {}, 'TRUST_MALFORMED'],
  ['with patterns of any length', { roles: [role({ paths: ['*'.repeat(maxPatternLength), '*'] })] }, 'TRUST_MALFORMED'],
])('delegated roles %s', (_what, delegations, expected) => {
  expect(rolesFor(delegations)).toBe(expected);
});

it.each([
  [1, 'bin-1'],
  [4, 'bin-c'],
  [5, 'bin-18'],
  [32, 'bin-c14cddc0'],
  [0, 'TRUST_MALFORMED'],
  [33, 'TRUST_MALFORMED'],
  [1.5, 'TRUST_MALFORMED'],
])('hash bins of %d bits', (bits, expected) => {
  expect(rolesFor({ succinct_roles: { ...roleKeys, bit_length: bits, name_prefix: 'bin' } })).toBe(expected);
});
