import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { digestFile } from '../../files/hash-file.ts';
import type { ContentFile } from '../content/content-store.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { signedFile } from './describe-file.ts';

/** A delta file that is signed already. */
interface SignedDelta {
  readonly sha256: string;
  /** The file as it is; `undefined` when its bytes are lost, or it was signed as something else. */
  readonly file: PlannedFile | undefined;
}

/**
 * What an interrupted run, or one on another machine, published already. Signed files never change, and another version
 * of the compressor gives other bytes for the same content: what is there is used as it is.
 */
export interface PublishedDeltas {
  /** What is signed under `path`, where `custom` is what we would sign of it. */
  signed(path: string, custom: Readonly<Record<string, unknown>>): Promise<SignedDelta | undefined>;
  /** These very bytes as a local file, where the content store has them. */
  stored(entry: ContentFile): Promise<string | undefined>;
}

/** Files are fetched into the directory `work`. */
export function publishedDeltas(
  { view, store }: Pick<PublishSession, 'view' | 'store'>,
  work: string,
): PublishedDeltas {
  const fetched = async (entry: ContentFile): Promise<string | undefined> => {
    const file = join(work, `${entry.sha256}.stored`);
    return (await store.fetchTo(entry, file)) ? file : undefined;
  };
  return {
    async signed(path, custom) {
      const target = await view.target(path);
      if (target === undefined) return undefined;
      const { length, hashes } = target;
      const sha256 = hashes.sha256 ?? '';
      const source = await fetched({ path, length, sha256 });
      const file = source === undefined ? undefined : await signedFile(source, path, custom);
      const isIt = file?.entry.sha256 === sha256 && isDeepStrictEqual({ ...target.custom }, { ...custom });
      return { sha256, file: isIt ? file : undefined };
    },
    async stored(entry) {
      const path = await fetched(entry);
      return path !== undefined && (await digestFile(path)).sha256 === entry.sha256 ? path : undefined;
    },
  };
}
