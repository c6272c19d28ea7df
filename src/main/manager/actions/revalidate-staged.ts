import { UpdateError } from '../../../shared/errors.ts';
import type { ReleaseSummary } from '../../../shared/state.ts';
import type { RecalledRelease, StagedUpdate } from '../../ports.ts';
import type { Context, Services } from '../context.ts';
import { downgradeAllowed, releaseFacts } from './release-facts.ts';
import { downgradeRefusal, summaryOf } from './find-offer.ts';

/**
 * Decides again about a staged release before it is shown and before it is installed, by the rules of a check.
 * Meanwhile, the release may have been withdrawn, the user may have installed another version, or the channel or policy
 * may differ.
 * @throws UpdateError `STAGE_OUTDATED` if it should no longer be installed
 */
export async function assertStillOffered(
  context: Context,
  { query, index, release }: RecalledRelease,
): Promise<ReleaseSummary> {
  const { store, settings } = context;
  const { channel } = store.internal;
  const { version } = release;
  if (query.channel !== channel) {
    throw outdated(`${version} is from the channel ${query.channel}, but ${channel} is in use.`);
  }
  const { reconsider } = await import('../../release/index.ts');
  const { install } = await context.services();
  const facts = await releaseFacts(context, install, { manual: true, allowDowngrade: await downgradeAllowed(context) });
  const result = reconsider(release, index, facts);
  if ('reason' in result) throw outdated(result.message);
  const blocked = await downgradeRefusal(result, index, { facts, mayGoBack: settings.mayGoBack });
  if (blocked !== undefined) throw outdated(blocked);
  return summaryOf(result, query);
}

/**
 * Decides again about the staged update on disk, without network. Discards it if it should no longer be installed.
 * Resolves with `unknown` if the stored metadata does not tell, because a check was interrupted. Then nothing is
 * installed, and the next check decides.
 */
export async function revalidateStaged(
  context: Context,
  { trust, staging }: Services,
  { query, version, kind }: StagedUpdate,
): Promise<ReleaseSummary | 'unknown' | 'dropped'> {
  try {
    const recalled = await trust.lookUpOffline(query, version, kind);
    return recalled === undefined ? 'unknown' : await assertStillOffered(context, recalled);
  } catch (error) {
    if (!(error instanceof UpdateError)) throw error;
    context.logger.warn(`The staged ${version} is discarded: ${error.code} ${error.message}`);
    await staging.discard();
    return 'dropped';
  }
}

function outdated(why: string): UpdateError {
  return new UpdateError('STAGE_OUTDATED', `The staged update is not installed. ${why}`);
}
