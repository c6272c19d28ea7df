import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

import { removeTargets, rotateOnlineKey, rotateRoot } from '../../src/repository/index.ts';
import { serve } from './served.ts';

const run = promisify(execFile);
const environment = resolve(import.meta.dirname, '../../.cache/python-tuf');
const python = join(environment, 'bin/python');

it('is read by python-tuf as by tuf-js', { timeout: 180_000 }, async ({ skip }) => {
  const problem = await preparePython();
  if (problem !== undefined) {
    console.warn(`skipped: python-tuf cannot be had here: ${problem}`);
    skip();
  }

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

/** Makes a virtual environment with python-tuf once; says why when it cannot. */
async function preparePython(): Promise<string | undefined> {
  const works = async (): Promise<boolean> =>
    run(python, ['-c', 'import tuf.ngclient']).then(
      () => true,
      () => false,
    );
  if (await works()) return undefined;
  try {
    await run('python3', ['-m', 'venv', '--clear', environment], { timeout: 60_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', 'tuf==7.0.1'], { timeout: 90_000 });
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
  return (await works()) ? undefined : 'it was installed and does not start';
}
