import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createDirectoryStore } from '../../src/publish/content/directory-store.ts';
import type { DeltaOptions } from '../../src/publish/delta/build-deltas.ts';
import { writeUpdateFiles } from '../../src/publish/init/update-files.ts';
import { generateKeyFile, readKeyFile, type SigningKey } from '../../src/publish/keys/key-file.ts';
import { prepareBuild, publishBuild, type PublishReport } from '../../src/publish/workflow/publish-build.ts';
import { type ChangeOptions, updateReleasePolicy } from '../../src/publish/workflow/update-policy.ts';
import type { PublishProgress } from '../../src/publish/session/publish-session.ts';
import type { ReleasePolicy } from '../../src/publish/release-index/release-policy.ts';
import { type RunningRepository, serveRepository } from '../../src/repository/index.ts';
import type { UpdateConfig } from '../../src/shared/update-config.ts';
import type { PackagedDemo } from '../package-demo.ts';
import { forgeIndexes } from './forgery.ts';

export interface PublishOptions {
  /** @defaultValue stable */
  readonly channel?: string;
  readonly policy?: ReleasePolicy;
  /** Files that reduce the transfer of apps. @defaultValue none are made */
  readonly deltas?: DeltaOptions;
  /**
   * An attacker publishes instead of the publisher and signs with this key. With `none`, the index has no known
   * signature. The forgery stays until the publisher publishes again.
   */
  readonly forger?: SigningKey | 'none';
  readonly onProgress?: (progress: PublishProgress) => void;
  readonly signal?: AbortSignal;
}

/** A repository with new keys, and a publisher whose key the demo app trusts. */
export interface DemoWorld {
  /** The repository that is being served, or was served last. */
  readonly repository: RunningRepository;
  /** Stops the server, and starts it again at the same address. */
  goOffline(): Promise<void>;
  goOnline(): Promise<void>;
  /** The directory with `root.json` and `update.json` to embed in the app. */
  readonly update: string;
  readonly config: UpdateConfig;
  publish(build: PackagedDemo, options?: PublishOptions): Promise<PublishReport>;
  /** Changes the publisher's policy for a published version. */
  change(version: string, policy: ReleasePolicy, channel?: string): Promise<void>;
  close(): Promise<void>;
}

export interface DemoWorldOptions {
  /**
   * The network between the installed apps and the repository. Receives the repository's URL and returns the one that
   * apps are built with, both with a trailing slash. @defaultValue no network in between
   */
  readonly between?: (repository: string) => Promise<string>;
}

/** Writes everything to `directory`. */
export async function createDemoWorld(directory: string, options: DemoWorldOptions = {}): Promise<DemoWorld> {
  const repositoryDirectory = join(directory, 'repository');
  let repository = await serveRepository({ directory: repositoryDirectory });
  let online = true;
  const update = join(directory, 'update');
  const key = await createSigningKey(join(directory, 'publisher.pem'));
  const root = await readFile(join(repository.store.places.metadata, '1.root.json'));
  const { url, metadataUrl, targetsUrl } = repository;
  const base = (await options.between?.(url)) ?? url;
  const config: UpdateConfig = {
    schema: 1,
    app: 'org.example.notes',
    metadataUrl: metadataUrl.replace(url, base),
    targetsUrls: [targetsUrl.replace(url, base)],
    channel: 'stable',
    publisher: { revision: 1, threshold: 1, keys: [key.publicKey] },
  };
  await writeUpdateFiles(update, { root, config });
  const goOffline = async (): Promise<void> => {
    if (online) await repository.close();
    online = false;
  };
  /** The publisher connects to the repository directly, not through the network. */
  const publisher = (): Omit<ChangeOptions, 'version' | 'policy' | 'keys'> => ({
    config: { ...config, metadataUrl, targetsUrls: [targetsUrl] },
    root,
    api: { url: repository.apiUrl, headers: repository.apiHeaders },
    store: createDirectoryStore(repository.contentDirectory, join(directory, 'publisher')),
    stateDirectory: join(directory, 'publisher'),
  });
  let undoForgery: ((repository: RunningRepository) => Promise<void>) | undefined;
  const cleanUp = async (): Promise<void> => {
    await undoForgery?.(repository);
    undoForgery = undefined;
  };
  return {
    get repository() {
      return repository;
    },
    update,
    config,
    async publish(build, { forger, policy = {}, ...options } = {}) {
      await cleanUp();
      const release = {
        ...options,
        ...publisher(),
        policy,
        directory: build.directory,
        unlisted: { version: build.version, platform: 'linux' },
        arches: [process.arch === 'arm64' ? 'arm64' : 'x64'],
      } as const;
      if (forger === undefined) return publishBuild({ ...release, keys: [key] });
      const stranger = forger === 'none' ? await createSigningKey(join(directory, 'unknown.pem')) : forger;
      const { report, envelopes } = await prepareBuild({ ...release, keys: [stranger] });
      undoForgery = await forgeIndexes(repository, envelopes);
      return report;
    },
    async change(version, policy, channel = 'stable') {
      await cleanUp();
      await updateReleasePolicy({ ...publisher(), keys: [key], channel, version, policy });
    },
    goOffline,
    async goOnline() {
      if (online) return;
      repository = await serveRepository({
        directory: repositoryDirectory,
        port: Number(new URL(repository.url).port),
      });
      online = true;
    },
    close: goOffline,
  };
}

/** A key as `electron-tuf keygen` creates it. Its passphrase is not needed again. */
export async function createSigningKey(file: string): Promise<SigningKey> {
  const passphrase = randomBytes(16).toString('hex');
  const ask = async (): Promise<string> => Promise.resolve(passphrase);
  await generateKeyFile(file, ask);
  return readKeyFile(file, ask);
}
