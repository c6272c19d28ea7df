import fc from 'fast-check';
import { expect, it } from 'vitest';

import { UpdateError } from '../../src/shared/errors.ts';
import { findTarget } from '../../src/main/trust/tuf/workflow/find-target.ts';
import { refreshMetadata } from '../../src/main/trust/tuf/workflow/refresh.ts';
import { binnedRepository } from '../support/binned-repository.ts';

const repository = binnedRepository(2, 4);
const names = [...repository.metadata.keys()].filter((name) => name !== '1.root.json');

/** A walk over files, one of them changed. Returns the target's length, or the code of the refusal. */
async function walk(name: string, bytes: Uint8Array): Promise<string> {
  const files = new Map([...repository.metadata, [name, bytes]]);
  const memory = { read: () => Promise.resolve([]), save: () => Promise.resolve() };
  const fetch = (file: string): Promise<Uint8Array | undefined> => Promise.resolve(files.get(file));
  try {
    const session = await refreshMetadata({ anchor: repository.anchor, cache: memory, now: Date.now(), fetch });
    return String((await findTarget(session, repository.path))?.signed.length);
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

it('any changed byte of any role is refused with a code, or changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), async (name, at, flip) => {
      const bytes = Uint8Array.from(repository.metadata.get(name) ?? []);
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ flip;
      expect(await walk(name, bytes)).toMatch(/^(80000000|TRUST_\w+)$/);
    }),
    { numRuns: 1500 },
  );
});

it('any changed field of any role is refused with a code', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom(
        '_type',
        'version',
        'expires',
        'spec_version',
        'meta',
        'targets',
        'delegations',
        '__proto__',
        'x',
      ),
      fc.jsonValue({ maxDepth: 2 }),
      async (name, field, value) => {
        const text = Buffer.from(repository.metadata.get(name) ?? []).toString('utf8');
        const file = JSON.parse(text) as { signed: Record<string, unknown> };
        const before = JSON.stringify(file);
        Object.defineProperty(file.signed, field, { value, enumerable: true, configurable: true, writable: true });
        const isSame = JSON.stringify(file) === before;
        expect(await walk(name, Buffer.from(JSON.stringify(file)))).toMatch(isSame ? /./ : /^TRUST_\w+$/);
      },
    ),
    { numRuns: 800 },
  );
});
