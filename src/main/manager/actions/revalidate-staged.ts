import { UpdateError } from '../../../shared/errors.ts';
import type { ReleaseSummary } from '../../../shared/state.ts';
import type { RecalledRelease, StagedUpdate } from '../../ports.ts';
import type { Context, Services } from '../context.ts';
import { downgradeAllowed, releaseFacts } from './release-facts.ts';
import { downgradeRefusal, summaryOf } from './find-offer.ts';

/**
 * What was staged is decided about again, before it is shown and before it is installed, by the rules of a check: since
 * then the release may have been withdrawn, another version installed by hand, the channel or the policy changed.
 * @throws UpdateError `STAGE_OUTDATED` when it is not to be installed any more
 */
export async function assertStillOffered(
  context: Context,
  { query, index, release }: RecalledRelease,
): Promise<ReleaseSummary> {
  const { store, settings } = context;
  const { channel } = store.internal;
  const { version } = release;
  if (query.channel !== channel) {
    throw outdated(`${version} is of the channel ${query.channel}, and ${channel} is in use.`);
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
 * The same of what lies on the disk, without network. What is not to be installed any more is dropped. `unknown`: what is
 * stored does not say, for a check ended half-way; then nothing is installed, and the next check tells.
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
    context.logger.warn(`The staged ${version} is dropped: ${error.code} ${error.message}`);
    await staging.discard();
    return 'dropped';
  }
}

function outdated(why: string): UpdateError {
  return new UpdateError('STAGE_OUTDATED', `The staged update is not installed. ${why}`);
}
