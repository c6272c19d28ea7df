import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { requires } from '../support/requires.ts';

/** A checkout of theupdateframework/tuf-conformance with its `.venv`; see README.md. */
const checkout = process.env['TUF_CONFORMANCE'];

describe.skipIf(!isThere())('theupdateframework/tuf-conformance', () => {
  it('passes, with no expected failure', { timeout: 900_000 }, async () => {
    const { stdout } = await promisify(execFile)(
      join(checkout ?? '', '.venv/bin/pytest'),
      ['tuf_conformance', '--entrypoint', join(import.meta.dirname, 'client'), '-q', '-rxX', '--color=no'],
      { cwd: checkout, maxBuffer: 100_000_000 },
    ).catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? 'pytest did not start' }));
    const summary = stdout.trim().split('\n').at(-1) ?? '';
    console.log(`tuf-conformance: ${summary}`);
    expect(
      [/^\d{3,} passed in /.test(summary), existsSync(join(import.meta.dirname, 'client.xfails'))],
      stdout,
    ).toEqual([true, false]);
  });
});

/** The suite is fetched by whoever wants to run it, in CI too: its absence is said, and is no failure. */
function isThere(): boolean {
  if (checkout === undefined) {
    console.warn(
      'skipped: TUF_CONFORMANCE does not name a checkout of tuf-conformance (see test/conformance/README.md)',
    );
    return false;
  }
  return requires('faketime');
}
