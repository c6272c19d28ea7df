import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { assertOnlineKey, type RepositoryKey, serveRepository } from '../../repository/index.ts';
import { createDirectoryStore } from '../content/directory-store.ts';
import type { SigningKey } from '../keys/key-file.ts';
import type { PublishSessionOptions } from './publish-session.ts';

/** Where a repository in a directory can be published to: what a deployment of RSTUF would be. */
export type StaticEndpoint = Pick<PublishSessionOptions, 'api' | 'store'> &
  Required<Pick<PublishSessionOptions, 'servedAt'>>;

/**
 * A repository that is a directory has no API: for as long as `work` runs, this process is its RSTUF, on a loopback port
 * and with a token that nobody else knows. What is in the directory afterwards can be copied to any web server.
 * @throws UpdateError `REPOSITORY_STATE`
 */
export async function withStaticRepository<T>(
  directory: string,
  onlineKey: SigningKey,
  stateDirectory: string,
  work: (endpoint: StaticEndpoint) => Promise<T>,
): Promise<T> {
  const key = repositoryKey(onlineKey, 'online');
  await assertOnlineKey(directory, key);
  const token = randomBytes(32).toString('base64url');
  const repository = await serveRepository({
    directory,
    keys: [key],
    settings: { bootstrap: 'api', renew: false, token },
  });
  try {
    return await work({
      api: { url: repository.url, headers: { authorization: `Bearer ${token}` } },
      store: createDirectoryStore(repository.contentDirectory, stateDirectory),
      servedAt: { metadataUrl: repository.metadataUrl, targetsUrls: [repository.targetsUrl] },
    });
  } finally {
    await repository.close();
  }
}

/** A key file's key as the repository signs with it; its key id is the same. */
export function repositoryKey({ publicKey, privateKey }: SigningKey, name: string): RepositoryKey {
  return { keyid: publicKey.keyid, publicHex: publicKey.keyval.public, name, privateKey };
}

/** What any web server must serve at the metadata URL and at the targets URL. */
export function servedDirectories(directory: string): { readonly metadata: string; readonly content: string } {
  return { metadata: join(directory, 'metadata'), content: join(directory, 'content') };
}
