import fc from 'fast-check';

import { rolePlan } from './mutations.ts';
import { type AnyKey, anyKey, type RepositoryPlan, type RoleName, writePlan } from './signed-world.ts';
import type { Files } from './two-clients.ts';

const pool: readonly AnyKey[] = [
  anyKey('ed25519'),
  anyKey('ed25519'),
  anyKey('ed25519'),
  anyKey('ecdsa'),
  anyKey('ed25519'),
  anyKey('rsa'),
];
const roleNames = ['root', 'timestamp', 'snapshot', 'targets', 'a', 'b'] as const;

const keySet = fc.subarray([...pool], { minLength: 1, maxLength: 3 });
export const shape = fc.record({
  keys: fc.tuple(keySet, keySet, keySet, keySet, keySet, keySet),
  threshold: fc.constantFrom(1, 1, 2),
  consistent: fc.boolean(),
  announces: fc.subarray<'length' | 'sha256' | 'sha512'>(['length', 'sha256', 'sha512']),
  delegation: fc.constantFrom('none', 'roles', 'prefixes', 'bins'),
  terminating: fc.boolean(),
});
export const change = fc.record({
  /** How far each version goes: on, or back; never to one that was there with other content. */
  steps: fc.tuple(...Array.from({ length: 5 }, () => fc.constantFrom(1, 1, 1, 1, 2, -1))),
  rotates: fc.constantFrom<readonly RoleName[] | undefined>(
    undefined,
    undefined,
    [],
    ['root'],
    ['timestamp'],
    ['snapshot', 'timestamp'],
    ['targets', 'a'],
  ),
  rotated: keySet,
  forgetsOldKeys: fc.boolean(),
  plans: fc.oneof(
    fc.constant({}),
    fc.tuple(fc.constantFrom(...roleNames), rolePlan).map(([role, plan]) => ({ [role]: plan })),
    fc.dictionary(fc.constantFrom(...roleNames), rolePlan, { minKeys: 2, maxKeys: 2 }),
  ),
});

export type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;
export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** The states of a repository one after the other, as a client sees it at each check. */
export function statesOf(first: Shape, changes: readonly Change[]): readonly [RepositoryPlan, ...RepositoryPlan[]] {
  const keysOf = ([root, timestamp, snapshot, targets, a, b]: Shape['keys']): RepositoryPlan['keys'] => ({
    root,
    timestamp,
    snapshot,
    targets,
    a,
    b: first.delegation === 'bins' ? a : b,
  });
  const keys = keysOf(first.keys);
  let plan: RepositoryPlan = {
    ...first,
    rootVersion: 1,
    versions: versionsAt(0, [0, 0, 0, 0, 0]),
    keys,
    thresholds: thresholdsOf(keys, first.threshold),
    oldRootKeys: [],
    plans: {},
  };
  return [plan, ...changes.map((one, at) => (plan = changed(plan, first.threshold, one, at + 1)))];
}

/** Forwards by two for each state, so that a step of one or two is new; backwards below everything. */
function versionsAt(state: number, steps: readonly number[]): RepositoryPlan['versions'] {
  const [timestamp, snapshot, targets, a, b] = steps.map((step) => (step < 0 ? 10 - state : 10 + 2 * state + step));
  return { timestamp, snapshot, targets, a, b } as RepositoryPlan['versions'];
}

function changed(
  plan: RepositoryPlan,
  threshold: number,
  { steps, rotates, rotated, forgetsOldKeys, plans }: Change,
  state: number,
): RepositoryPlan {
  const versions = versionsAt(state, steps);
  if (rotates === undefined) return { ...plan, versions, plans };
  const names = rotates.includes('a') && plan.delegation === 'bins' ? [...rotates, 'b' as const] : rotates;
  const keys = { ...plan.keys, ...Object.fromEntries(names.map((role) => [role, rotated])) };
  return {
    ...plan,
    rootVersion: plan.rootVersion + 1,
    versions,
    keys,
    thresholds: thresholdsOf(keys, threshold),
    oldRootKeys: forgetsOldKeys ? [] : plan.keys.root,
    plans,
  };
}

function thresholdsOf(keys: RepositoryPlan['keys'], threshold: number): RepositoryPlan['thresholds'] {
  const of = (role: RoleName): number => Math.min(threshold, keys[role].length);
  return {
    root: of('root'),
    timestamp: of('timestamp'),
    snapshot: of('snapshot'),
    targets: of('targets'),
    a: of('a'),
    b: of('b'),
  };
}

/** Roots are never taken away; of everything else, the newest is served under whatever version is asked for. */
export function serve(roots: Map<string, Uint8Array>, served: Set<Uint8Array>, plan: RepositoryPlan): Files {
  const rest = new Map<string, Uint8Array>();
  for (const [name, bytes] of writePlan(plan)) {
    served.add(bytes);
    if (!name.endsWith('.root.json')) rest.set(name.replace(/^\d+\./, ''), bytes);
    else if (!roots.has(name)) roots.set(name, bytes);
  }
  return (name) => roots.get(name) ?? rest.get(name.replace(/^\d+\./, ''));
}
