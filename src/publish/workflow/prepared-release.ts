import { readFile } from 'node:fs/promises';
import * as v from 'valibot';

import { writeAtomic } from '../../files/write-atomic.ts';
import type { DsseEnvelope } from '../../shared/dsse.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { parseReleaseIndex, type ReleaseIndex, releaseIndexPayloadType } from '../../shared/release-index.ts';
import { assertAppId, assertChannel } from '../../shared/target-path.ts';

/** A release index and its envelope, with or without enough signatures. */
export interface IndexEnvelope {
  readonly index: ReleaseIndex;
  readonly envelope: DsseEnvelope;
}

/**
 * The format of a prepared release: envelopes, and nothing else. Each index is decoded from the bytes that are signed, so
 * signers see what they sign. Unlike a published envelope, an envelope here may have no signature yet.
 */
const keyid = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'not a key id'));
const schema: v.GenericSchema<unknown, { readonly schema: 1; readonly envelopes: readonly DsseEnvelope[] }> = v.object({
  schema: v.literal(1),
  envelopes: v.pipe(
    v.array(
      v.object({
        payloadType: v.literal(releaseIndexPayloadType),
        payload: v.pipe(v.string(), v.base64()),
        signatures: v.pipe(v.array(v.object({ keyid, sig: v.pipe(v.string(), v.base64()) })), v.maxLength(32)),
      }),
    ),
    v.maxLength(64),
  ),
});

/** @throws UpdateError `PUBLISH_INPUT` */
export async function readPreparedFile(file: string): Promise<readonly IndexEnvelope[]> {
  try {
    const { envelopes } = v.parse(schema, JSON.parse(await readFile(file, 'utf8')));
    const indexes = envelopes.map((envelope) => ({ envelope, index: readIndex(envelope) }));
    if (new Set(indexes.map(({ index }) => index.app)).size > 1) throw new Error('it holds indexes of several apps');
    return indexes;
  } catch (error) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${file} is not a prepared release: ${textOf(error)}. Write it with "electron-tuf publish --prepare ${file}".`,
      { cause: error },
    );
  }
}

/** A person is about to sign this: every name in it must be one that the product itself could have made. */
function readIndex({ payload }: DsseEnvelope): ReleaseIndex {
  const index = parseReleaseIndex(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')));
  assertAppId(index.app);
  assertChannel(index.channel);
  for (const { artifacts } of index.releases) {
    for (const { path } of artifacts) {
      if (!path.startsWith(`${index.app}/`)) throw new Error(`${path} does not belong to ${index.app}`);
    }
  }
  return index;
}

/** @throws UpdateError `PUBLISH_INPUT` */
export async function writePreparedFile(file: string, indexes: readonly IndexEnvelope[]): Promise<void> {
  const envelopes = indexes.map(({ envelope }) => envelope);
  try {
    await writeAtomic(file, `${JSON.stringify({ schema: 1, envelopes }, undefined, 2)}\n`, { mode: 0o644 });
  } catch (error) {
    throw new UpdateError('PUBLISH_INPUT', `${file} cannot be written: ${textOf(error)}.`, { cause: error });
  }
}
