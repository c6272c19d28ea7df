import type { UpdatesAnswer, UpdatesApi } from '../../../src/shared/ipc.ts';
import { byId, element, setText } from '../dom.ts';
import { type ChannelAction, type ChannelChoice, channelView, type Channels, nameOf } from './channel-view.ts';

/** The row of channels, and the preview of a switch. */
export interface ChannelPicker {
  show(channels: Channels): void;
  /** False if updates are off. */
  hide(hidden: boolean): void;
}

/** @param onAnswer called with the result of a switch */
export function createChannelPicker(updates: UpdatesApi, onAnswer: (answer: UpdatesAnswer) => void): ChannelPicker {
  let channels: Channels | undefined;
  let choice: ChannelChoice = { type: 'settled' };

  const become = (next: ChannelChoice): void => {
    choice = next;
    draw();
  };
  const look = async (channel: string): Promise<void> => {
    if (channel === channels?.current) return become({ type: 'settled' });
    const looking: ChannelChoice = { type: 'looking', channel };
    become(looking);
    const answer = await updates.previewChannel(channel);
    // The user has selected another channel meanwhile.
    if (choice !== looking) return;
    become(answer.ok ? { type: 'seen', preview: answer.preview } : { type: 'failed', channel, error: answer.error });
  };
  const act = async (action: ChannelAction, channel: string): Promise<void> => {
    if (action === 'look') return look(channel);
    become({ type: 'settled' });
    radio(channels?.current)?.focus();
    if (action === 'stay') return;
    const answer = await updates.setChannel(channel, { allowDowngrade: action === 'go-back' });
    // The user declined the main process's question, so there is nothing to show.
    if (answer.ok || answer.error.code !== 'IPC_FORBIDDEN') onAnswer(answer);
  };
  const draw = (): void => {
    if (channels === undefined) return;
    const { marked, text, actions } = channelView(choice, channels);
    showRow(channels.offered, marked, (channel) => void look(channel));
    byId('channel-offer', HTMLElement).dataset['open'] = String(choice.type !== 'settled');
    setText(byId('channel-hint', HTMLElement), text);
    byId('channel-actions', HTMLElement).replaceChildren(
      ...actions.map(({ action, label }, index) => {
        const className = index === 0 && action !== 'stay' ? 'action action-primary' : 'action';
        const button = element('button', { type: 'button', className }, label);
        button.addEventListener('click', () => void act(action, marked));
        return button;
      }),
    );
  };
  return {
    show(next) {
      channels = next;
      draw();
    },
    hide(hidden) {
      byId('channels', HTMLFieldSetElement).hidden = hidden;
    },
  };
}

/** Keeps the radio buttons while the channels stay the same, so that focus and arrow keys keep working. */
function showRow(offered: readonly string[], marked: string, onChoose: (channel: string) => void): void {
  const row = byId('channel-options', HTMLElement);
  if (row.dataset['shown'] !== offered.join(' ')) {
    row.dataset['shown'] = offered.join(' ');
    row.replaceChildren(...offered.map((channel) => segment(channel, onChoose)));
  }
  const input = radio(marked);
  if (input !== undefined) input.checked = true;
}

function segment(channel: string, onChoose: (channel: string) => void): HTMLElement {
  const input = element('input', { type: 'radio', name: 'channel', value: channel });
  input.addEventListener('change', () => onChoose(channel));
  return element('label', { className: 'segment' }, input, nameOf(channel));
}

function radio(channel: string | undefined): HTMLInputElement | undefined {
  const inputs = byId('channel-options', HTMLElement).querySelectorAll('input');
  return [...inputs].find(({ value }) => value === channel);
}
