import type { UpdateErrorData } from '../../../src/shared/errors.ts';
import type { ChannelPreview } from '../../../src/shared/state.ts';

/** The steps of choosing a channel. Only `switch` and `go-back` change anything. */
export type ChannelChoice =
  | { readonly type: 'settled' }
  | { readonly type: 'looking'; readonly channel: string }
  | { readonly type: 'seen'; readonly preview: ChannelPreview }
  | { readonly type: 'failed'; readonly channel: string; readonly error: UpdateErrorData };

export type ChannelAction = 'switch' | 'go-back' | 'look' | 'stay';

export interface ChannelView {
  /** The channel that is selected in the row. */
  readonly marked: string;
  readonly text: string;
  readonly actions: readonly { readonly action: ChannelAction; readonly label: string }[];
}

export interface Channels {
  readonly current: string;
  readonly offered: readonly string[];
  /** The running version. */
  readonly version: string;
}

/** The texts and actions for channels. Pure. */
export function channelView(choice: ChannelChoice, channels: Channels): ChannelView {
  const { current } = channels;
  const stay = { action: 'stay', label: `Stay on ${nameOf(current)}` } as const;
  switch (choice.type) {
    case 'settled':
      return { marked: current, text: settledText(channels), actions: [] };
    case 'looking':
      return { marked: choice.channel, text: `Looking at what ${nameOf(choice.channel)} offers…`, actions: [stay] };
    case 'failed':
      return {
        marked: choice.channel,
        text: `What ${nameOf(choice.channel)} offers could not be seen. ${choice.error.message}`,
        actions: [{ action: 'look', label: 'Try again' }, stay],
      };
    case 'seen':
      return {
        ...seen(choice.preview, channels.version),
        marked: choice.preview.channel,
        actions: [...ways(choice.preview), stay],
      };
  }
}

/** The name of a channel for the user: `Beta` for `beta`. */
export function nameOf(channel: string): string {
  return `${channel.slice(0, 1).toLocaleUpperCase()}${channel.slice(1)}`;
}

function seen({ channel, release, needsConsent, blocked }: ChannelPreview, version: string): { readonly text: string } {
  const name = nameOf(channel);
  if (blocked !== undefined)
    return { text: `${blocked} You can switch, and keep ${version} until ${name} has something newer.` };
  if (release === undefined)
    return { text: `${name} has nothing newer than your ${version}. Its next release would come to you.` };
  if (needsConsent) {
    return {
      text: `${name} offers ${release.version}, which is older than your ${version}. Keep what you have until ${name} is newer, or go back now.`,
    };
  }
  return { text: `${name} offers ${release.version}. You have ${version}.` };
}

function ways({ channel, release, needsConsent, blocked }: ChannelPreview): ChannelView['actions'] {
  const name = nameOf(channel);
  if (!needsConsent || release === undefined || blocked !== undefined)
    return [{ action: 'switch', label: `Switch to ${name}` }];
  return [
    { action: 'switch', label: 'Switch and wait' },
    { action: 'go-back', label: `Go back to ${release.version}…` },
  ];
}

function settledText({ current, offered }: Channels): string {
  // The app offers several channels. If there is only one, an administrator chose it.
  if (offered.length === 1) return `Your organisation chose ${nameOf(current)} for this computer.`;
  return hints[current] ?? '';
}

const hints: Readonly<Record<string, string>> = {
  stable: 'Tested releases. For everyday use.',
  beta: 'The next release, a few weeks early.',
};
