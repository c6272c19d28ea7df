import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

import { dsseEnvelopeSchema } from '../../shared/dsse.ts';
import { textOf } from '../../shared/errors.ts';
import { maxReleaseIndexBytes, parseReleaseIndex, type ReleaseIndex } from '../../shared/release-index.ts';
import { consistentName } from '../../shared/target-path.ts';
import { publishedTargets } from '../tuf/state.ts';
import type { RepositoryStore } from './contract.ts';

/** A published release index for display. Its signatures are not verified here. */
export type ListedIndex =
  { readonly path: string; readonly index: ReleaseIndex } | { readonly path: string; readonly problem: string };

const indexPath = /^[^/]+\/channels\/[^/]+\/[^/]+\.json$/;

/** All published release indexes, by path. */
export async function listReleaseIndexes(store: RepositoryStore): Promise<readonly ListedIndex[]> {
  const found = store.state === undefined ? [] : [...publishedTargets(store.state)];
  const indexes = found.filter(([path, info]) => indexPath.test(path) && info.length <= maxReleaseIndexBytes);
  const listed = indexes.map(async ([path, info]): Promise<ListedIndex> => {
    const name = consistentName(path, info.hashes['sha256'] ?? '');
    try {
      return { path, index: decode(await readFile(join(store.places.content, ...name.split('/')), 'utf8')) };
    } catch (error) {
      return { path, problem: textOf(error) };
    }
  });
  return (await Promise.all(listed)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function decode(text: string): ReleaseIndex {
  const { payload } = v.parse(dsseEnvelopeSchema, JSON.parse(text));
  return parseReleaseIndex(JSON.parse(Buffer.from(payload, 'base64').toString()));
}
