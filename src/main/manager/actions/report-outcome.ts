import type { UpdateOutcome } from '../../../shared/state.ts';
import { type Context, timestamp } from '../context.ts';

/** Reports the outcome of an update to the app. An exception of the app's function is logged. */
export function reportOutcome(
  context: Context,
  outcome: Omit<UpdateOutcome, 'at' | 'channel' | 'from'> & { readonly from?: string },
): void {
  const { settings, host, store, logger } = context;
  try {
    settings.onOutcome?.({
      from: host.facts.version,
      ...outcome,
      channel: store.internal.channel,
      at: timestamp(context),
    });
  } catch (error) {
    logger.error('onOutcome failed.', error);
  }
}
