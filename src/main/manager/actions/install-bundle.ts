import { toUpdateError, UpdateError, type UpdateErrorCode } from '../../../shared/errors.ts';
import type { UpdateState } from '../../../shared/state.ts';
import { busy, type CheckWish, failCheck, searchChannel, settleSearch } from './check.ts';
import { type BundleRooms, type Context, learn, type Rooms } from '../context.ts';
import type { Search } from './find-offer.ts';
import type { Fetching } from './download.ts';
import type { Staged } from './install-staged.ts';

/**
 * Stages what a bundle holds: the same verification as online, over the files of the bundle. What it refuses is in the
 * state's `lastError`. @throws UpdateError `MANAGER_WRONG_STATE` while something is under way
 */
export async function installFromBundle(
  context: Context,
  staged: Staged,
  fetching: Fetching,
  path: string,
): Promise<UpdateState> {
  const { holder, logger } = context;
  const before = holder.state;
  if (before.type === 'disabled') return before;
  if (busy.includes(before.type)) {
    throw new UpdateError(
      'MANAGER_WRONG_STATE',
      'An update is under way. Wait for its end, then choose the file again.',
    );
  }
  staged.disarm();
  holder.apply({ type: 'check-started' });
  let bundle: BundleRooms | undefined;
  try {
    const rooms = await context.rooms();
    bundle = await rooms.openBundle(path);
    learn(context, { trust: await bundle.trust.refresh() });
    const search = await searchBundle(context, rooms, bundle);
    if (search.offer === undefined) throw nothingFor(context);
    const state = await settleSearch(context, staged, rooms, search, aPersonWaits());
    return state.type === 'available' ? await fetching.from(bundle.download) : state;
  } catch (error) {
    const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.warn(`bundle: ${failure.code} ${failure.message}`);
    return await failCheck(context, staged, before, failure);
  } finally {
    await bundle?.close();
  }
}

function aPersonWaits(): CheckWish {
  return { manual: true, signal: new AbortController().signal };
}

/** What a bundle does not hold it was not made for. */
async function searchBundle(context: Context, rooms: Rooms, { trust }: BundleRooms): Promise<Search> {
  try {
    return await searchChannel(context, rooms, trust, aPersonWaits());
  } catch (error) {
    if (!(error instanceof UpdateError) || !missing.includes(error.code)) throw error;
    throw new UpdateError(
      'RELEASE_NOT_FOUND',
      `The bundle holds nothing for the channel ${context.known.channel} on this system. Choose one that was made for it.`,
      { cause: error },
    );
  }
}

const missing: readonly UpdateErrorCode[] = ['TRUST_SERVER', 'TRUST_TARGET_UNKNOWN'];

function nothingFor({ host, known }: Context): UpdateError {
  const why = known.search?.selection.others.map(({ message }) => message).join(' ') ?? '';
  return new UpdateError('RELEASE_NOT_FOUND', `The bundle has no update for ${host.facts.version}. ${why}`.trim());
}
