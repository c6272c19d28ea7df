/** An app that unpacks, hashes and reads `.asar` files in Electron, as the product does. */
import { app } from 'electron';
import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { plainFs } from '../../../src/files/plain-fs.ts';
import { readChunks } from '../../../src/files/read-chunks.ts';
import { hashFile } from '../../../src/files/hash-file.ts';
import { unpack } from '../../../src/main/install/archive/unpack.ts';
import { deltaSeeds } from '../../../src/main/install/location/delta-seeds.ts';
import { foreignFacts, installJob } from '../../support/install-job.ts';

/** The functions that the test can call. */
export interface AsarApp {
  lay(content: string): Promise<void>;
  unpacked(): Promise<string>;
  seeds(): Promise<{ readonly seeds: readonly string[]; readonly hashed: number; readonly cut: number }>;
  /** The errors of Electron's own `fs` when it reads and then removes the file. */
  refusals(): Promise<readonly string[]>;
}

const directory = join(app.getPath('home'), 'asar');
const asar = join(directory, 'Notes/resources/app.asar');

const asarApp: AsarApp = {
  async lay(content) {
    await plainFs.mkdir(join(directory, 'Notes/resources'), { recursive: true });
    await plainFs.writeFile(join(directory, 'Notes/notes'), 'short');
    await plainFs.writeFile(asar, content);
  },
  async unpacked() {
    execFileSync('tar', ['czf', 'notes.tar.gz', 'Notes'], { cwd: directory });
    const bytes = await plainFs.readFile(join(directory, 'notes.tar.gz'));
    const { file } = await installJob({ directory, bytes, kind: 'portable', name: 'notes.tar.gz' });
    await unpack(file, join(directory, 'out'));
    await file.close();
    return plainFs.readFile(join(directory, 'out/Notes/resources/app.asar'), 'utf8');
  },
  async seeds() {
    const facts = foreignFacts({ resourcesPath: join(directory, 'Notes/resources') });
    const seeds = await deltaSeeds(facts, directory, undefined);
    const hash = await hashFile(asar, new AbortController().signal);
    let cut = 0;
    for await (const chunk of readChunks(asar, { min: 4096, average: 16_384, max: 65_536 })) cut += chunk.length;
    return { seeds, hashed: hash.length, cut };
  },
  async refusals() {
    const said = async (work: Promise<unknown>): Promise<string> =>
      work.then(() => 'done').catch((error: Error) => error.message);
    return [await said(readFile(asar)), await said(rm(asar))];
  },
};
Object.assign(globalThis, { asarApp });
