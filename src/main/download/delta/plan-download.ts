import { textOf } from '../../../shared/errors.ts';
import type { DownloadPlan, DownloadRequest } from '../../ports.ts';
import { addRange, totalBytes, type ByteRanges } from '../byte-ranges.ts';
import type { PartIdentity } from '../part/part-journal.ts';
import type { DownloadContext } from '../context.ts';
import { readPartJournal } from '../part/open-part-file.ts';
import { partPaths } from '../part/part-file.ts';
import type { FetchTarget, DeltaPlanner } from './delta-planner.ts';

/**
 * Returns the cheapest download available now. Blocks that the journal of an interrupted download lists count as
 * present. A failure while planning is only logged as a warning, because the whole file can always be downloaded.
 */
export async function planDownload(
  context: DownloadContext,
  { target, to }: DownloadRequest,
  identity: PartIdentity,
  planner: DeltaPlanner,
  fetch: FetchTarget,
  signal: AbortSignal,
): Promise<DownloadPlan> {
  const journal = await readPartJournal(partPaths(to).journal, identity);
  const have = (journal?.blocks ?? []).reduce<ByteRanges>(addRange, []);
  const fullSize = target.length;
  try {
    const patch = await planner.patch(have, signal);
    if (patch !== undefined) return { kind: 'patch', downloadSize: patch.bytes, fullSize };
    const chunks = await planner.chunks(have, fetch, signal);
    if (chunks !== undefined) {
      return { kind: 'chunks', downloadSize: chunks.bytes + chunks.chunks.index.length, fullSize };
    }
  } catch (error) {
    signal.throwIfAborted();
    context.options.logger.warn(`No delta for ${target.path} could be planned: ${textOf(error)}`);
  }
  return { kind: 'full', downloadSize: fullSize - totalBytes(have), fullSize };
}
