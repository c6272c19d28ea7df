// @module-tag slow
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { type Requirement, requires } from '../support/requires.ts';

/** A checkout of theupdateframework/tuf-conformance with its `.venv`; see README.md. */
const checkout = process.env['TUF_CONFORMANCE'];

/** Fetched by those who want to run it, in continuous integration too. */
const suite: Requirement = {
  name: 'a checkout of tuf-conformance',
  remedy: 'see test/conformance/README.md',
  isMet: checkout !== undefined,
  isOptional: true,
};

describe('theupdateframework/tuf-conformance', requires(suite, ...(suite.isMet ? (['faketime'] as const) : [])), () => {
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
