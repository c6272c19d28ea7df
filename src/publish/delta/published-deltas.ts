import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { digestFile } from '../../files/hash-file.ts';
import type { ContentFile } from '../content/content-store.ts';
import type { PlannedFile } from '../session/release-plan.ts';
import type { PublishSession } from '../session/publish-session.ts';
import { signedFile } from './describe-file.ts';

/** A delta file that is already signed. */
interface SignedDelta {
  readonly sha256: string;
  /** The stored file; `undefined` if its bytes are lost, or if it was signed with other fields. */
  readonly file: PlannedFile | undefined;
}

/**
 * Delta files that an interrupted run, or a run on another machine, has published. They are reused, because signed files
 * never change and another version of the compressor produces other bytes.
 */
export interface PublishedDeltas {
  /** The signed file at `path`, compared with the fields in `custom`; `undefined` if none is signed. */
  signed(path: string, custom: Readonly<Record<string, unknown>>): Promise<SignedDelta | undefined>;
  /** A local copy of exactly these bytes; `undefined` if the content store does not have them. */
  stored(entry: ContentFile): Promise<string | undefined>;
}

/** @param work the directory into which files are fetched */
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
