import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { UpdateError } from '../../../shared/errors.ts';
import type { ChannelPreview } from '../../../shared/state.ts';
import { assertChannel } from '../../../shared/target-path.ts';
import type { Context } from '../context.ts';
import type { AdminPolicy } from '../policy/admin-policy.ts';
import { releaseFacts } from './release-facts.ts';
import { findOffer } from './find-offer.ts';

/**
 * Determines the channel: the administrator's, or else the user's, the app's, or the build's.
 * @throws UpdateError `OPTIONS_INVALID` if the app's setting is not a channel name
 */
export async function learnChannel({ store, preferences, settings, defaultChannel }: Context): Promise<void> {
  const chosen = store.internal.policy.channel ?? (await preferences.get()).channel;
  store.learn({ type: 'channel-chosen', channel: chosen ?? settings.channel() ?? defaultChannel });
}

/** The channels that may be chosen. An empty list allows all. Pure. */
export function choosableChannels(policy: AdminPolicy, allowed: readonly string[]): readonly string[] {
  return policy.channel === undefined ? allowed : [policy.channel];
}

/**
 * @throws UpdateError `OPTIONS_INVALID` if the app has no such channel, `MANAGER_POLICY` if the administrator chose
 * another
 */
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

/** Finds what a switch of channel would offer if the user agreed to a downgrade. Changes nothing. */
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
