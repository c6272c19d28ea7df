import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { packedByMistake } from './packed-by-mistake.ts';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'packed-'))));
afterEach(async () => rm(directory, { recursive: true, force: true }));

it('warns about secrets inside a project, and not outside', async () => {
  await mkdir(join(directory, 'app/keys'), { recursive: true });
  await writeFile(join(directory, 'app/package.json'), '{}');
  expect({
    key: await packedByMistake(join(directory, 'app/keys/publisher.pem')),
    repository: await packedByMistake(join(directory, 'app/repo')),
    outside: await packedByMistake(join(directory, 'publisher.pem')),
  }).toEqual({
    key: expect.stringContaining('keys/publisher.pem lies in your project') as string,
    repository: expect.stringContaining('"!repo"') as string,
    outside: undefined,
  });
});
