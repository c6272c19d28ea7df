import { encodeEnvelope } from '../../src/publish/keys/sign-envelope.ts';
import type { IndexEnvelope } from '../../src/publish/workflow/prepared-release.ts';
import { addTargets, removeTargets, type RunningRepository, storeContent } from '../../src/repository/index.ts';
import { publishedTargets } from '../../src/repository/tuf/state.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';

/**
 * The attack of a thief of RSTUF's online key, or of anyone who finds its API open: replaces the publisher's release
 * indexes with forged ones. The metadata is valid TUF. The returned function undoes it as the publisher would: "delete
 * what is not yours" (docs/runbook.md).
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
