import { readFile } from 'node:fs/promises';

import { createDirectoryStore } from '../../src/publish/content/directory-store.ts';
import { readKeyFile } from '../../src/publish/keys/key-file.ts';
import type { ReleaseOptions } from '../../src/publish/workflow/publish-indexes.ts';
import { type CliWorld, passphrase } from './cli-world.ts';

/** A publisher on a machine of its own: nothing but the repository and the content directory is shared. */
export async function machineOf(world: CliWorld, number: number): Promise<ReleaseOptions> {
  const { config, repository } = world;
  const stateDirectory = world.path(`machine-${number}`);
  return {
    config,
    root: await readFile(world.path('update/root.json')),
    keys: [await readKeyFile(world.path('a.pem'), async () => Promise.resolve(passphrase))],
    api: { url: repository.apiUrl, headers: repository.apiHeaders },
    store: createDirectoryStore(repository.contentDirectory, stateDirectory),
    stateDirectory,
  };
}
