import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Updater } from 'tuf-js';

import {
  addTargets,
  type RepositoryClock,
  type RepositorySettings,
  type RunningRepository,
  serveRepository,
  storeContent,
} from '../../src/repository/index.ts';

/** A running repository in a directory of its own, with plain tuf-js as its client. */
export interface Served {
  readonly repository: RunningRepository;
  readonly directory: string;
  /** Adds one target with `text` as its content, and a `custom`. */
  publish(path: string, text: string): Promise<void>;
  /** A tuf-js client that keeps what it has seen and has refreshed just now. */
  refresh(): Promise<Updater>;
  read(path: string): Promise<string | undefined>;
  restart(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serve(settings: RepositorySettings = {}, clock?: RepositoryClock): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'repository-'));
  const start = async (): Promise<RunningRepository> =>
    serveRepository({ directory: join(directory, 'repository'), settings, ...(clock === undefined ? {} : { clock }) });
  let repository = await start();
  const refresh = async (): Promise<Updater> => refreshedClient(repository, join(directory, 'client'));
  return {
    get repository() {
      return repository;
    },
    directory,
    refresh,
    async publish(path, text) {
      const artifact = await storeContent(repository.store, path, Buffer.from(text), { about: path });
      await addTargets(repository.store, [artifact]);
    },
    async read(path) {
      const client = await refresh();
      const target = await client.getTargetInfo(path);
      if (target === undefined) return undefined;
      const file = (await client.findCachedTarget(target)) ?? (await client.downloadTarget(target));
      return readFile(file, 'utf8');
    },
    async restart() {
      await repository.close();
      repository = await start();
    },
    async [Symbol.asyncDispose]() {
      await repository.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A refreshed tuf-js client; its store begins with the repository's first root. */
export async function refreshedClient(
  { store, metadataUrl, targetsUrl }: RunningRepository,
  directory: string,
): Promise<Updater> {
  const [metadataDir, targetDir] = [join(directory, 'metadata'), join(directory, 'targets')];
  await mkdir(targetDir, { recursive: true });
  if ((await mkdir(metadataDir, { recursive: true })) !== undefined) {
    await writeFile(join(metadataDir, 'root.json'), await readFile(join(store.places.metadata, '1.root.json')));
  }
  const updater = new Updater({
    metadataDir,
    targetDir,
    metadataBaseUrl: metadataUrl.replace(/\/$/, ''),
    targetBaseUrl: targetsUrl.replace(/\/$/, ''),
  });
  await updater.refresh();
  return updater;
}
