import * as v from 'valibot';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { anySignal } from '../../shared/any-signal.ts';
import { chunkIndexPath, type ChunksCustom, packPath, type PatchCustom, patchPath } from '../../shared/delta-files.ts';
import { textOf } from '../../shared/errors.ts';
import type { Artifact, Release, SignedFile } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type {
  ArtifactOptions,
  DeltaChunks,
  DeltaPatch,
  Logger,
  ReleaseDelta,
  ReleaseQuery,
  TrustOptions,
} from '../ports.ts';
import type { TufClient } from './contract.ts';

/** Milliseconds for the look-up of a chunk index. */
const longestFindMs = 30_000;

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const length = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const owner = { app: v.string(), version: v.string(), platform: v.string(), kind: v.string() };
const chunksCustom: v.GenericSchema<unknown, ChunksCustom> = v.object({ ...owner, role: v.literal('chunks') });
const patchCustom: v.GenericSchema<unknown, PatchCustom> = v.object({
  ...owner,
  role: v.literal('patch'),
  from: v.string(),
  base: v.object({ length, sha256 }),
});

/**
 * The patch of an artifact from the installed version, and a way to look its chunk index up, as far as index and metadata
 * agree on them. An update needs none of them: what is missing or disagrees is left out, with a line in the log.
 */
export async function findDelta(
  tuf: Pick<TufClient, 'target'>,
  {
    query,
    release,
    artifact,
  }: { readonly query: ReleaseQuery; readonly release: Release; readonly artifact: Artifact },
  options: ArtifactOptions,
  logger: Logger,
): Promise<ReleaseDelta | undefined> {
  const { app, target } = query;
  const claim = { app, version: release.version, platform: target.platform, kind: artifact.kind };
  const isClaimed = (custom: ChunksCustom | PatchCustom): boolean =>
    Object.entries(claim).every(([name, value]) => custom[name as keyof typeof claim] === value);

  function chunks(): ReleaseDelta['chunks'] {
    const { chunks: file, pack, path } = artifact;
    if (file === undefined || file.path !== chunkIndexPath(path) || pack !== packPath(path)) return undefined;
    let found: DeltaChunks | undefined;
    return {
      length: file.length,
      sha256: file.sha256,
      async find(signal) {
        if (found !== undefined) return found;
        // A download waits for it: not for long, and not as patiently as the check may have been.
        const how = { signal: anySignal(AbortSignal.timeout(longestFindMs), signal) };
        const index = await agreed(file, chunksCustom, isClaimed, how, signal);
        return (found = index && { index, pack });
      },
    };
  }

  async function patches(): Promise<readonly DeltaPatch[]> {
    const from = options.installed;
    const file = artifact.patches?.find((patch) => patch.from === from);
    if (from === undefined || file === undefined || file.path !== patchPath(artifact.path, from)) return [];
    const isRight = (custom: PatchCustom): boolean => isClaimed(custom) && custom.from === from;
    const patch = await agreed(file, patchCustom, isRight, options);
    return patch === undefined ? [] : [{ from, target: patch, base: v.parse(patchCustom, patch.custom).base }];
  }

  async function agreed<T>(
    file: SignedFile,
    schema: v.GenericSchema<unknown, T>,
    isRight: (custom: T) => boolean,
    how: TrustOptions,
    asker: AbortSignal | undefined = how.signal,
  ): Promise<TrustedTarget | undefined> {
    try {
      const found = await tuf.target(file.path, how);
      const custom = v.safeParse(schema, found.custom);
      const agrees = found.length === file.length && found.hashes.sha256 === file.sha256;
      if (agrees && custom.success && isRight(custom.output)) return found;
      logger.warn(`The release index and the update metadata disagree about ${file.path}; it is not used.`);
    } catch (error) {
      asker?.throwIfAborted();
      logger.warn(`${file.path} is not used: ${textOf(error)}`);
    }
    return undefined;
  }

  const [look, fromInstalled] = [chunks(), await patches()];
  if (look === undefined && fromInstalled.length === 0) return undefined;
  return { ...omitUndefined({ chunks: look }), patches: fromInstalled };
}
