import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { assertOnlineKey, type RepositoryKey, serveRepository } from '../../repository/index.ts';
import { createDirectoryStore } from '../content/directory-store.ts';
import type { SigningKey } from '../keys/key-file.ts';
import type { PublishSessionOptions } from './publish-session.ts';

/** The API, content store and addresses of a repository in a directory. They stand in for an RSTUF deployment. */
export type StaticEndpoint = Pick<PublishSessionOptions, 'api' | 'store'> &
  Required<Pick<PublishSessionOptions, 'servedAt'>>;

/**
 * Runs `work` with an API for a repository that is a directory: this process plays RSTUF on a loopback port, behind a
 * random token. Afterwards the directory can be copied to any web server.
 * @throws UpdateError `REPOSITORY_STATE`, and what `work` throws
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

/** Converts a key from a key file into the form that the repository signs with. The key id stays the same. */
export function repositoryKey({ publicKey, privateKey }: SigningKey, name: string): RepositoryKey {
  return { keyid: publicKey.keyid, publicHex: publicKey.keyval.public, name, privateKey };
}

/** The directories that a web server must serve at the metadata URL and the targets URL. */
export function servedDirectories(directory: string): { readonly metadata: string; readonly content: string } {
  return { metadata: join(directory, 'metadata'), content: join(directory, 'content') };
}
