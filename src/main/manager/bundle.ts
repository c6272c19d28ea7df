import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import type { UpdateState } from '../../shared/state.ts';
import { failCheck, searchChannel, settleSearch } from './check.ts';
import { type BundleRooms, type Context, learn } from './context.ts';
import type { Fetching } from './fetch.ts';
import type { Staged } from './staged.ts';

/**
 * Stages what a bundle holds: the same verification as online, over the files of the bundle. What it refuses is in the
 * state's `lastError`.
 */
export async function installFromBundle(
  context: Context,
  staged: Staged,
  fetching: Fetching,
  path: string,
): Promise<UpdateState> {
  const { holder, logger } = context;
  const before = holder.state;
  staged.disarm();
  holder.apply({ type: 'check-started' });
  let bundle: BundleRooms | undefined;
  try {
    const rooms = await context.rooms();
    bundle = await rooms.openBundle(path);
    learn(context, { trust: await bundle.trust.refresh() });
    const wish = { manual: true, signal: new AbortController().signal };
    const search = await searchChannel(context, rooms, bundle.trust, wish);
    if (search.offer === undefined) throw nothingFor(context);
    const state = await settleSearch(context, staged, rooms, search, true);
    return state.type === 'available' ? await fetching.from(bundle.download) : state;
  } catch (error) {
    const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.warn(`bundle: ${failure.code} ${failure.message}`);
    return await failCheck(context, staged, before, failure);
  } finally {
    await bundle?.close();
  }
}

function nothingFor({ host, known }: Context): UpdateError {
  const why = known.search?.selection.others.map(({ message }) => message).join(' ') ?? '';
  return new UpdateError('RELEASE_NOT_FOUND', `The bundle has no update for ${host.facts.version}. ${why}`.trim());
}
