import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

import { findPythonTuf, lacksPythonTuf } from '../support/python-tuf.ts';
import { ourClient } from '../support/two-clients.ts';
import { systemCode } from '../../src/shared/errors.ts';

const run = promisify(execFile);

const path = 'app/1.0.0/Grüße-😀.bin';

it(
  'reads what python-tuf writes: keys, delegations, bins and names of every kind',
  { timeout: 60_000 },
  async ({ skip }) => {
    const python = await findPythonTuf();
    if (python === undefined) {
      skip(lacksPythonTuf);
      return;
    }
    const directory = await mkdtemp(join(tmpdir(), 'python-vectors-'));
    try {
      await run(python, [join(import.meta.dirname, 'python-vectors.py'), directory]);
      const names = await readdir(directory);
      const results = await Promise.all(names.map((name) => look(join(directory, name))));
      expect(results).toEqual(names.map(() => ({ versions: '2 1 1 1', found: ['5', 'none'], reasons: [] })));
      expect(names.length).toBe(18);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);

async function look(repository: string): Promise<unknown> {
  const client = ourClient(await readFile(join(repository, '1.root.json')));
  return client.check((name) => fileOf(join(repository, name)), [path, 'elsewhere']);
}

async function fileOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  }
}
