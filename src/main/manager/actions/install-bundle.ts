import { toUpdateError, UpdateError, type UpdateErrorCode } from '../../../shared/errors.ts';
import type { UpdateState } from '../../../shared/state.ts';
import { busyStates, type CheckRequest, failCheck, queryChannel, applySearchResult } from './check.ts';
import { type BundleServices, type Context, type Services } from '../context.ts';
import type { Search } from '../offer.ts';
import type { DownloadAction } from './download.ts';
import type { StagedInstall } from './install-staged.ts';

/**
 * Stages the update in a bundle, with the same verification as online. Errors of the bundle are in the state's
 * `lastError`.
 * @throws UpdateError `MANAGER_WRONG_STATE` while a check, a download or an install is running
 */
export async function installFromBundle(
  context: Context,
  staged: StagedInstall,
  fetching: DownloadAction,
  path: string,
): Promise<UpdateState> {
  const { store, logger } = context;
  const before = store.internal.phase;
  if (before.type === 'disabled') return store.state;
  if (busyStates.includes(before.type)) {
    throw new UpdateError(
      'MANAGER_WRONG_STATE',
      'An update is running. Wait until it ends, then choose the file again.',
    );
  }
  staged.unscheduleInstall();
  store.dispatch({ type: 'check-started', source: 'bundle' });
  let bundle: BundleServices | undefined;
  try {
    const services = await context.services();
    bundle = await services.openBundle(path);
    store.learn({ type: 'metadata-refreshed', trust: await bundle.trust.refresh() });
    const search = await searchBundle(context, services, bundle);
    if (search.offer === undefined) throw nothingFor(context);
    const state = await applySearchResult(context, staged, services, search, manualRequest());
    return state.type === 'available' ? await fetching.from(bundle.download) : state;
  } catch (error) {
    const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
    logger.warn(`bundle: ${failure.code} ${failure.message}`);
    return await failCheck(context, staged, before, failure);
  } finally {
    await bundle?.close();
  }
}

function manualRequest(): CheckRequest {
  return { manual: true, signal: new AbortController().signal };
}

/** Searches the bundle. Turns "not found" into an error that says that the bundle is for another channel or system. */
async function searchBundle(context: Context, services: Services, { trust }: BundleServices): Promise<Search> {
  try {
    return await queryChannel(context, services, trust, manualRequest());
  } catch (error) {
    if (!(error instanceof UpdateError) || !missing.includes(error.code)) throw error;
    throw new UpdateError(
      'RELEASE_NOT_FOUND',
      `The bundle holds nothing for the channel ${context.store.internal.channel} on this system. Choose one that was made for it.`,
      { cause: error },
    );
  }
}

const missing: readonly UpdateErrorCode[] = ['TRUST_SERVER', 'TRUST_FILE_MISSING', 'TRUST_TARGET_UNKNOWN'];

function nothingFor({ host, store }: Context): UpdateError {
  const why = store.internal.search?.selection.others.map(({ message }) => message).join(' ') ?? '';
  return new UpdateError('RELEASE_NOT_FOUND', `The bundle has no update for ${host.facts.version}. ${why}`.trim());
}
