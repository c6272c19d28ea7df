import { expect, it } from 'vitest';

import { parseDelegations } from '../metadata/delegations.ts';
import { findTarget } from './find-target.ts';
import { maxVisitedRoles } from '../metadata/limits.ts';
import type { Targets } from '../metadata/roles.ts';
import type { TrustedMetadata } from './refresh.ts';

type Child = string | { readonly name: string; readonly terminating: boolean };
/** The delegations of each role in order, and the roles that list `x` with its length. */
interface Tree {
  readonly children: Readonly<Record<string, readonly Child[]>>;
  readonly lists?: Readonly<Record<string, number>>;
}

function targetsOf({ children, lists = {} }: Tree, role: string): Targets {
  const roles = (children[role] ?? []).map((child) => ({
    ...(typeof child === 'string' ? { name: child, terminating: false } : child),
    keyids: [],
    threshold: 1,
    paths: ['x'],
  }));
  return {
    version: 1,
    expires: '2040-01-01T00:00:00Z',
    targets: lists[role] === undefined ? {} : { x: { length: lists[role], hashes: {} } },
    delegations: parseDelegations({ keys: {}, roles }, role),
    size: 0,
  };
}

/** The roles that were loaded, in order, and the length that was found. */
async function walk(tree: Tree): Promise<string> {
  const visited: string[] = [];
  const metadata = {
    root: { keys: new Map(), roles: { targets: { keyids: [], threshold: 1 } } },
    targets: targetsOf(tree, 'targets'),
    loadDelegatedRole: (role: string) => (visited.push(role), Promise.resolve(targetsOf(tree, role))),
  } as unknown as TrustedMetadata;
  const found = await findTarget(metadata, 'x');
  return [...visited, found?.signed.length ?? 'none'].join(' ');
}

const last = (name: string): Child => ({ name, terminating: true });

it.each<[string, Tree, string]>([
  ['children before siblings', { children: { targets: ['a', 'b'], a: ['c', 'd'] } }, 'a c d b none'],
  ['the first that lists it', { children: { targets: ['a', 'b'], a: ['c'] }, lists: { c: 1, b: 2 } }, 'a c 1'],
  ['the delegator before those it trusts', { children: { targets: ['a'] }, lists: { targets: 3, a: 1 } }, '3'],
  ['nothing after one that terminates', { children: { targets: [last('a'), 'b'] }, lists: { b: 2 } }, 'a none'],
  ['… but what it delegates to', { children: { targets: [last('a'), 'b'], a: ['c'] }, lists: { c: 1 } }, 'a c 1'],
  ['… nor what waits further up', { children: { targets: ['a', 'b'], a: [last('c')] }, lists: { b: 2 } }, 'a c none'],
  ['each once, circles or not', { children: { targets: ['a', 'b'], a: ['b', 'a', 'c'], b: ['a'] } }, 'a b c none'],
  ['themselves once', { children: { targets: ['a'], a: ['a'] } }, 'a none'],
])('roles are searched in preorder: %s', async (_what, tree, expected) => {
  expect(await walk(tree)).toBe(expected);
});

it('the search visits no more roles than allowed', async () => {
  const names = Array.from({ length: 200 }, (_, at) => `r${at}`);
  const visited = (await walk({ children: { targets: names }, lists: { r199: 1 } })).split(' ');
  expect([visited.length - 1, visited.at(-1)]).toEqual([maxVisitedRoles, 'none']);
});
