import '../support/asar-fs.ts';

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { plainFs } from '../../src/files/plain-fs.ts';
import { readChunks } from '../../src/files/read-chunks.ts';
import { sha256OfFile } from '../../src/main/download/delta/whole-hash.ts';
import { unpack } from '../../src/main/install/archive/unpack.ts';
import { seedFiles } from '../../src/main/install/seed-files.ts';
import { foreignFacts, installJob } from '../support/install-job.ts';

/** Every build of electron-builder carries `resources/app.asar`, and Electron's file system is not Node's there. */
describe('app.asar, where paths with .asar are archives', () => {
  const content = 'a'.repeat(40_000);
  let directory: string;
  let asar: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'asar-'));
    asar = join(directory, 'Notes/resources/app.asar');
    await plainFs.mkdir(join(directory, 'Notes/resources'), { recursive: true });
    await plainFs.writeFile(join(directory, 'Notes/notes'), 'short');
    await plainFs.writeFile(asar, content);
  });
  afterAll(async () => plainFs.rm(directory, { recursive: true, force: true }));

  it('is a file like others to an archive that is unpacked', async () => {
    execFileSync('tar', ['czf', 'notes.tar.gz', 'Notes'], { cwd: directory });
    const bytes = await plainFs.readFile(join(directory, 'notes.tar.gz'));
    const { file } = await installJob({ directory, bytes, kind: 'portable', name: 'notes.tar.gz' });
    await unpack(file, join(directory, 'out'));
    await file.close();
    expect(await plainFs.readFile(join(directory, 'out/Notes/resources/app.asar'), 'utf8')).toBe(content);
  });

  it('is a seed, and can be hashed and cut', async () => {
    const facts = foreignFacts({ resourcesPath: join(directory, 'Notes/resources') });
    const seeds = await seedFiles(facts, directory, undefined);
    const hash = await sha256OfFile(asar, new AbortController().signal);
    let cut = 0;
    for await (const chunk of readChunks(asar, { min: 4096, average: 16_384, max: 65_536 })) cut += chunk.length;
    expect({ seeds, hashed: hash.length, cut }).toEqual({ seeds: [asar], hashed: 64, cut: content.length });
  });

  it('is what the stand-in says it is', async () => {
    await expect(rm(asar)).rejects.toThrow('Invalid package');
  });
});
