// @module-tag slow
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { compare } from '../support/compare-clients.ts';
import { findPythonTuf, lacksPythonTuf, startPythonTuf } from '../support/python-tuf.ts';
import { change, shape } from '../support/repository-states.ts';
import { type Contender, tufJsClient } from '../support/two-clients.ts';

// tuf-js and python-tuf are independent implementations of the same specification. For repositories of every shape, and
// for correctly signed changes (only a holder of the keys can make them), all clients must agree: on the same versions,
// the same targets, or a refusal. A client keeps its store from one state of the repository to the next.

/** Counts the outcomes of all checks over `numRuns` repositories. */
async function outcomesOf(
  other: (anchor: Uint8Array) => Contender | Promise<Contender>,
  parameters: { readonly numRuns: number; readonly seed?: number },
): Promise<{ readonly accepted: number; readonly refused: number; readonly explained: number }> {
  const counts = { accepted: 0, refused: 0, explained: 0 };
  const states = fc.array(change, { minLength: 1, maxLength: 3 });
  const property = fc.asyncProperty(shape, states, async (first, changes) => {
    for (const outcome of await compare(first, changes, other)) counts[outcome] += 1;
  });
  await fc.assert(property, parameters);
  return counts;
}

describe('for repositories of every shape and re-signed changes of every role', () => {
  it('agrees with tuf-js', { timeout: 120_000 }, async () => {
    const { accepted, refused, explained } = await outcomesOf(tufJsClient, { numRuns: 500 });
    expect({
      accepted: accepted > 300,
      refused: refused > 300,
      mostlyTheSame: explained < (accepted + refused + explained) / 10,
    }).toEqual({ accepted: true, refused: true, mostlyTheSame: true });
  });

  it('agrees with python-tuf', { timeout: 240_000 }, async ({ skip }) => {
    const python = await findPythonTuf();
    if (python === undefined) return skip(lacksPythonTuf);
    const tuf = startPythonTuf(python);
    try {
      const { accepted, refused, explained } = await outcomesOf((anchor) => tuf.client(anchor), {
        numRuns: Number(process.env['PYTHON_TUF_RUNS'] ?? 200),
        seed: 7383,
      });
      expect({
        accepted: accepted > 100,
        refused: refused > 100,
        mostlyTheSame: explained < (accepted + refused + explained) / 10,
      }).toEqual({ accepted: true, refused: true, mostlyTheSame: true });
    } finally {
      await tuf.close();
    }
  });
});
