import fc from 'fast-check';
import { expect, it } from 'vitest';

import { explain } from '../support/known-differences.ts';
import { change, type Change, serve, shape, type Shape, statesOf } from '../support/repository-states.ts';
import { type Contender, ourClient, tufJsClient } from '../support/two-clients.ts';

// tuf-js is an independent implementation of the same specification. Over repositories of every shape, and over changes
// that were signed correctly (only the holder of the keys can make them), both must say the same: the same versions, the
// same targets, or a refusal. A client keeps its store from one state of the repository to the next.

const paths = ['top', 'x/1', 'x/a', 'x/b', 'y'];

/** @returns what happened at each check, until the first difference that is on purpose */
async function compare(first: Shape, changes: readonly Change[]): Promise<readonly string[]> {
  const [roots, served] = [new Map<string, Uint8Array>(), new Set<Uint8Array>()];
  const [initial, ...later] = statesOf(first, changes);
  const start = serve(roots, served, initial);
  const anchor = roots.get('1.root.json') ?? Buffer.alloc(0);
  const contenders: readonly Contender[] = [ourClient(anchor), await tufJsClient(anchor)];
  const outcomes: string[] = [];
  // What was refused for another reason may have left another store behind.
  const [said, otherSaid]: [string[], string[]] = [[], []];
  try {
    for (const plan of [undefined, ...later]) {
      const files = plan === undefined ? start : serve(roots, served, plan);
      const [ours, theirs] = [await contenders[0]?.check(files, paths), await contenders[1]?.check(files, paths)];
      if (ours === undefined || theirs === undefined) throw new Error('a contender is missing');
      const [mine, other] = [ours, theirs].map(({ versions, found }) => ({ versions, found }));
      said.push(...ours.reasons);
      otherSaid.push(...theirs.reasons);
      const reasons = [said, otherSaid];
      if (JSON.stringify(mine) !== JSON.stringify(other)) {
        const why = explain(said, otherSaid, [...served]);
        if (why === undefined) expect({ ...mine, reasons }).toEqual({ ...other, reasons });
        return [...outcomes, 'explained'];
      }
      outcomes.push(ours.versions === undefined ? 'refused' : 'accepted');
    }
    return outcomes;
  } finally {
    for (const one of contenders) await one.close();
  }
}

it('says what tuf-js says, over repositories of every shape and re-signed changes of every role', async () => {
  const outcomes: string[] = [];
  const states = fc.array(change, { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(shape, states, async (first, changes) => {
    outcomes.push(...(await compare(first, changes)));
  });
  await fc.assert(property, { numRuns: 500 });
  const count = (what: string): number => outcomes.filter((one) => one === what).length;
  expect({
    accepted: count('accepted') > 300,
    refused: count('refused') > 300,
    mostlyTheSame: count('explained') < outcomes.length / 10,
  }).toEqual({ accepted: true, refused: true, mostlyTheSame: true });
}, 120_000);
