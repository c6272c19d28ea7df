import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { removeTargets, rotateOnlineKey, rotateRoot } from '../../src/repository/index.ts';
import { findPythonTuf, lacksPythonTuf } from '../support/python-tuf.ts';
import { serve } from './served.ts';

const run = promisify(execFile);

it('can be read by python-tuf like by tuf-js', { timeout: 180_000 }, async ({ skip }) => {
  const python = await findPythonTuf();
  if (python === undefined) return skip(lacksPythonTuf);

  await using served = await serve({ bins: 4 });
  const { store, metadataUrl, targetsUrl } = served.repository;
  const directory = join(served.directory, 'python');
  await mkdir(directory);
  await writeFile(join(directory, 'root.json'), await readFile(join(store.places.metadata, '1.root.json')));
  const paths = ['notes/1.0.0/app', 'notes/1.1.0/app', 'notes/2.0.0/app'];
  const read = async (): Promise<readonly string[]> => {
    const script = join(import.meta.dirname, 'python-tuf.py');
    const { stdout } = await run(python, [script, metadataUrl, targetsUrl, directory, ...paths]);
    return stdout.trim().split('\n');
  };

  await served.publish('notes/1.0.0/app', 'one');
  const first = await read();
  await rotateOnlineKey(store);
  await rotateRoot(store);
  await served.publish('notes/1.1.0/app', 'Grüße ✓');
  await removeTargets(store, ['notes/1.0.0/app']);
  expect({ first, second: await read() }).toEqual({
    first: ['notes/1.0.0/app: one', 'notes/1.1.0/app: none', 'notes/2.0.0/app: none'],
    second: ['notes/1.0.0/app: none', 'notes/1.1.0/app: Grüße ✓', 'notes/2.0.0/app: none'],
  });
});
