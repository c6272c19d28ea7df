import fc from 'fast-check';

import type { Draft, RolePlan } from './signed-world.ts';

const interesting = [
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  5,
  -1,
  '',
  '1',
  'x',
  'x/*',
  'targets',
  'a',
  'b',
  '2020-01-01T00:00:00Z',
  '2039-12-31T23:59:59Z',
  '2040-01-01',
  '1.0',
  '1.0.19',
  '2.0.0',
  'ed25519',
  'f'.repeat(64),
  '1'.repeat(128),
] as const;

interface Edit {
  /** Which of all the places in the signed object. */
  readonly place: number;
  readonly kind: 'replace' | 'remove' | 'repeat' | 'add' | 'borrow' | 'swap';
  /** Which value, or which place it is taken from. */
  readonly value: number;
  readonly name: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.nat({ max: 400 }),
  kind: fc.constantFrom('replace', 'replace', 'remove', 'repeat', 'add', 'borrow', 'swap'),
  value: fc.nat({ max: 400 }),
  name: fc.constantFrom('x', 'length', 'hashes', 'paths', 'x.json', 'b.json', 'succinct_roles', 'roles', '__proto__'),
});

const resign = fc.constantFrom<Required<RolePlan>['resign']>(
  (all) => all,
  (all) => all.slice(1),
  (all) => all.slice(0, 1),
  () => [],
  (all) => [...all, ...all.slice(0, 1)],
  (all) => [...all, { keyid: 'e'.repeat(64), sig: 'ab' }],
  (all) => all.map((one, at) => (at === 0 ? { ...one, sig: '00'.repeat(64) } : one)),
  (all) => all.toReversed(),
);

/** Changes to a role that its own signers agree to, and changes to who signs. */
export const rolePlan: fc.Arbitrary<RolePlan> = fc.oneof(
  { weight: 6, arbitrary: fc.array(edit, { minLength: 1, maxLength: 2 }).map((edits) => ({ change: apply(edits) })) },
  { weight: 2, arbitrary: resign.map((one) => ({ resign: one })) },
);

interface Place {
  readonly owner: Draft | unknown[];
  readonly name: string | number;
}

function apply(edits: readonly Edit[]): (signed: Draft) => void {
  return (signed) => edits.forEach((one) => applyOne(signed, one));
}

function applyOne(signed: Draft, { place, kind, value, name }: Edit): void {
  const places = placesIn(signed);
  const chosen = places[place % places.length];
  if (chosen === undefined) return;
  const { owner } = chosen;
  const other = places[value % places.length] ?? chosen;
  if (kind === 'replace') put(chosen, interesting[value % interesting.length]);
  else if (kind === 'borrow') put(chosen, structuredClone(take(other)));
  else if (kind === 'swap') {
    const [mine, theirs] = [structuredClone(take(chosen)), structuredClone(take(other))];
    put(chosen, theirs);
    put(other, mine);
  } else if (Array.isArray(owner)) {
    if (kind === 'remove') owner.splice(Number(chosen.name), 1);
    else owner.push(structuredClone(take(chosen)));
  } else if (kind === 'remove') delete owner[chosen.name];
  else {
    const content = kind === 'add' ? interesting[value % interesting.length] : structuredClone(take(chosen));
    put({ owner, name }, content);
  }
}

/** Every member of every object and list, the outer ones first. */
function placesIn(root: Draft): readonly Place[] {
  const places: Place[] = [];
  const queue: (Draft | unknown[])[] = [root];
  for (let owner = queue.shift(); owner !== undefined; owner = queue.shift()) {
    const names = Array.isArray(owner) ? owner.keys() : Object.keys(owner);
    for (const name of names) {
      places.push({ owner, name });
      const member = take({ owner, name });
      if (typeof member === 'object' && member !== null) queue.push(member as Draft);
    }
  }
  return places;
}

function take({ owner, name }: Place): unknown {
  return (owner as Draft)[name];
}

/** A member of its own, also under the name `__proto__`. */
function put({ owner, name }: Place, value: unknown): void {
  Object.defineProperty(owner, name, { value, enumerable: true, configurable: true, writable: true });
}
