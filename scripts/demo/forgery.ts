import { encodeEnvelope } from '../../src/publish/keys/sign-envelope.ts';
import type { IndexEnvelope } from '../../src/publish/workflow/prepared-release.ts';
import { addTargets, removeTargets, type RunningRepository, storeContent } from '../../src/repository/index.ts';
import { publishedTargets } from '../../src/repository/tuf/state.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';

/**
 * What somebody does who has RSTUF's online key, or found its API open: puts release indexes of their own in the place of
 * the publisher's. The metadata is perfectly valid TUF. The result is what the publisher does about it: "delete what is
 * not yours" (docs/runbook.md).
 */
export async function forgeIndexes(
  { store }: RunningRepository,
  envelopes: readonly IndexEnvelope[],
): Promise<(repository: RunningRepository) => Promise<void>> {
  const before = new Map(publishedTargets(store.needState()));
  const paths = envelopes.map(({ index }) => releaseIndexPath(index.app, index.channel, index));
  const forged = envelopes.map(async ({ envelope }, at) =>
    storeContent(store, paths[at] ?? '', encodeEnvelope(envelope)),
  );
  await addTargets(store, await Promise.all(forged));
  return async ({ store }) => {
    const known = paths.flatMap((path) => {
      const info = before.get(path);
      return info === undefined ? [] : [{ path, info }];
    });
    const unknown = paths.filter((path) => !before.has(path));
    if (known.length > 0) await addTargets(store, known);
    if (unknown.length > 0) await removeTargets(store, unknown);
  };
}
