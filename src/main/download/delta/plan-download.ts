import { textOf } from '../../../shared/errors.ts';
import type { DownloadPlan, DownloadRequest } from '../../ports.ts';
import { addExtent, bytesIn, type Extents } from '../extents.ts';
import type { PartIdentity } from '../journal.ts';
import type { Means } from '../means.ts';
import { readJournal } from '../open-part.ts';
import { partPaths } from '../part-file.ts';
import type { FetchTarget, Ways } from './ways.ts';

/**
 * The cheapest way that is open now. What the journal of an interrupted download claims counts as there. Trouble on the
 * way to an answer is a warning: the whole file is always a way.
 */
export async function planDownload(
  means: Means,
  { target, to }: DownloadRequest,
  identity: PartIdentity,
  ways: Ways,
  fetch: FetchTarget,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const journal = await readJournal(partPaths(to).journal, identity);
  const have = (journal?.blocks ?? []).reduce<Extents>(addExtent, []);
  const fullSize = target.length;
  try {
    const patch = await ways.patch(have, signal);
    if (patch !== undefined) return { kind: 'patch', downloadSize: patch.bytes, fullSize };
    const chunks = await ways.chunks(have, fetch, signal);
    if (chunks !== undefined) {
      return { kind: 'chunks', downloadSize: chunks.bytes + chunks.chunks.index.length, fullSize };
    }
  } catch (error) {
    signal.throwIfAborted();
    means.options.logger.warn(`No cheaper way to ${target.path} was found: ${textOf(error)}`);
  }
  return { kind: 'full', downloadSize: fullSize - bytesIn(have), fullSize };
}
