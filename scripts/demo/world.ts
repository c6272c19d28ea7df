import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { writeUpdateFiles } from '../../src/publish/init/write-config.ts';
import { generateKeyFile, readKeyFile, type SigningKey } from '../../src/publish/keys/key-file.ts';
import { publishBuild, type PublishReport } from '../../src/publish/publish.ts';
import type { PublishProgress } from '../../src/publish/publisher.ts';
import type { ReleasePolicy } from '../../src/publish/release/policy.ts';
import { type RunningRepository, serveRepository } from '../../src/repository/index.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import type { PackagedDemo } from '../package-demo.ts';

export interface PublishOptions {
  /** @defaultValue stable */
  readonly channel?: string;
  readonly policy?: ReleasePolicy;
  /** @defaultValue the key that the demo app trusts */
  readonly key?: SigningKey;
  readonly onProgress?: (progress: PublishProgress) => void;
  readonly signal?: AbortSignal;
}

/** A repository with fresh keys, and a publisher whose key the demo app is built to trust. */
export interface DemoWorld {
  readonly repository: RunningRepository;
  /** The directory with `root.json` and `update.json` to embed in the app. */
  readonly update: string;
  readonly config: UpdateConfig;
  publish(build: PackagedDemo, options?: PublishOptions): Promise<PublishReport>;
  close(): Promise<void>;
}

/** Everything it writes lies in `directory`. */
export async function createDemoWorld(directory: string): Promise<DemoWorld> {
  const repository = await serveRepository({ directory: join(directory, 'repository') });
  const update = join(directory, 'update');
  const key = await createSigningKey(join(directory, 'publisher.pem'));
  const root = await readFile(join(repository.store.places.metadata, '1.root.json'));
  const config: UpdateConfig = {
    schema: 1,
    app: 'org.example.notes',
    metadataUrl: repository.metadataUrl,
    targetsUrls: [repository.targetsUrl],
    channel: 'stable',
    publisher: { revision: 1, threshold: 1, keys: [key.publicKey] },
  };
  await writeUpdateFiles(update, { root, config });
  return {
    repository,
    update,
    config,
    publish: async (build, { key: otherKey = key, policy = {}, ...options } = {}) =>
      publishBuild({
        ...options,
        policy,
        config,
        root,
        keys: [otherKey],
        directory: build.directory,
        unlisted: { version: build.version, platform: 'linux' },
        arches: [process.arch === 'arm64' ? 'arm64' : 'x64'],
        api: { url: repository.apiUrl },
        content: repository.contentDirectory,
        stateDirectory: join(directory, 'publisher'),
      }),
    close: async () => repository.close(),
  };
}

/** As `electron-tuf keygen` makes one; nobody needs its passphrase again. */
export async function createSigningKey(file: string): Promise<SigningKey> {
  const passphrase = randomBytes(16).toString('hex');
  const ask = async (): Promise<string> => Promise.resolve(passphrase);
  await generateKeyFile(file, ask);
  return readKeyFile(file, ask);
}
