import { textOf } from '../../../shared/errors.ts';
import type { DownloadPlan, DownloadRequest } from '../../ports.ts';
import { addExtent, bytesIn, type Extents } from '../byte-ranges.ts';
import type { PartIdentity } from '../part/part-journal.ts';
import type { Means } from '../context.ts';
import { readJournal } from '../part/open-part-file.ts';
import { partPaths } from '../part/part-file.ts';
import type { FetchTarget, Ways } from './delta-planner.ts';

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
