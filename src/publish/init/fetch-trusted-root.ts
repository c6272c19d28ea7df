import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ClientOptions, createClient } from '../../main/client.ts';
import { assertTrustedRoot, maxTrustedRootBytes, trustedRootFile } from '../../shared/sigstore-keys.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import sigstoreRoot from './sigstore-root.json' with { type: 'json' };

/** Where Sigstore's public instance keeps its TUF repository. */
const sigstoreRepository = {
  metadataUrl: 'https://tuf-repo-cdn.sigstore.dev/',
  targetsUrls: ['https://tuf-repo-cdn.sigstore.dev/targets/'],
};

/** @throws UpdateError `OPTIONS_CONFIG_INVALID` if the file cannot be read or is no trusted root */
export async function trustedRootFromFile(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UpdateError('OPTIONS_CONFIG_INVALID', `${file} cannot be read: ${textOf(error)}.`, { cause: error });
  });
  assertTrustedRoot(bytes);
  return bytes;
}

/**
 * The trusted root of Sigstore's public instance, from its own TUF repository. It is followed from root 15 (of 2026), which
 * is part of this command, as an app follows its repository.
 * @param options other addresses, another clock
 * @throws UpdateError `TRUST_…`, `OPTIONS_CONFIG_INVALID`
 */
export async function trustedRootFromSigstore(
  options: Partial<Pick<UpdateConfig, 'metadataUrl' | 'targetsUrls'>> & Pick<ClientOptions, 'clock'> = {},
): Promise<Uint8Array> {
  const { clock, ...addresses } = options;
  const directory = await mkdtemp(join(tmpdir(), 'electron-tuf-sigstore-'));
  const client = createClient({
    config: { ...sigstoreRepository, ...addresses, publisher: 'none' },
    anchor: { type: 'root', bytes: Buffer.from(JSON.stringify(sigstoreRoot)) },
    directory,
    ...(clock === undefined ? {} : { clock }),
  });
  try {
    const bytes = await client.tuf.read(await client.tuf.target(trustedRootFile), maxTrustedRootBytes);
    assertTrustedRoot(bytes);
    return bytes;
  } finally {
    await client.close();
    await rm(directory, { recursive: true, force: true });
  }
}
