import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { ChannelPreview } from '../../../shared/state.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import type { Context } from '../context.ts';
import type { AdminPolicy } from '../policy/admin-policy.ts';
import { releaseFacts } from './release-facts.ts';
import { findOffer } from './find-offer.ts';

/**
 * Looks again which channel is in use: the administrator's, else the user's, else the app's, else the build's.
 * @throws UpdateError `OPTIONS_INVALID` when what the app wants is no channel
 */
export async function learnChannel({ store, preferences, settings, defaultChannel }: Context): Promise<void> {
  const chosen = store.internal.policy.channel ?? (await preferences.get()).channel;
  store.learn({ type: 'channel-chosen', channel: chosen ?? settings.channel() ?? defaultChannel });
}

/** The channels that may be chosen; empty: every one. Pure. */
export function choosableChannels(policy: AdminPolicy, allowed: readonly string[]): readonly string[] {
  return policy.channel === undefined ? allowed : [policy.channel];
}

/** @throws UpdateError `OPTIONS_INVALID` for what is no channel of this app, `MANAGER_POLICY` for the administrator's */
export function assertChoosable(channel: string, { store, settings }: Context): string {
  assertChannel(channel);
  const { policy } = store.internal;
  if (policy.channel !== undefined && policy.channel !== channel) {
    throw new UpdateError('MANAGER_POLICY', `The administrator of this device chose the channel ${policy.channel}.`);
  }
  if (settings.channels.length > 0 && !settings.channels.includes(channel)) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `${JSON.stringify(channel)} is not a channel of this app. Choose one of: ${settings.channels.join(', ')}.`,
    );
  }
  return channel;
}

/** What a switch would lead to, as if the user agreed to everything. Changes nothing. */
export async function previewChannel(context: Context, channel: string): Promise<ChannelPreview> {
  const { app, host, settings } = context;
  const { trust, install } = await context.services();
  await trust.refresh();
  const facts = await releaseFacts(context, install, { manual: true, allowDowngrade: true });
  const { selection, blocked, offer } = await findOffer(trust, {
    app,
    channel,
    platform: host.facts.platform,
    facts,
    mayGoBack: settings.mayGoBack,
  });
  return {
    channel,
    ...(offer === undefined ? {} : { release: offer.summary }),
    needsConsent: selection.type === 'offer' && selection.step === 'downgrade',
    ...omitUndefined({ blocked }),
  };
}
