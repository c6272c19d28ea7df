import { expect } from 'vitest';

import { explain } from './known-differences.ts';
import { type Change, serve, type Shape, statesOf } from './repository-states.ts';
import { type Contender, ourClient } from './two-clients.ts';

/** What came of a check by both clients. */
type Outcome = 'accepted' | 'refused' | 'explained';

const paths = ['top', 'x/1', 'x/a', 'x/b', 'y'];

/** @returns what happened at each check, until the first difference that is on purpose */
export async function compare(
  first: Shape,
  changes: readonly Change[],
  other: (anchor: Uint8Array) => Contender | Promise<Contender>,
): Promise<readonly Outcome[]> {
  const [roots, served] = [new Map<string, Uint8Array>(), new Set<Uint8Array>()];
  const [initial, ...later] = statesOf(first, changes);
  const start = serve(roots, served, initial);
  const anchor = roots.get('1.root.json') ?? Buffer.alloc(0);
  const contenders: readonly Contender[] = [ourClient(anchor), await other(anchor)];
  const outcomes: Outcome[] = [];
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
