import { openNoteStore } from './notes/note-store.ts';
import { showNotes } from './notes/notes-view.ts';
import { recordVersion } from './updates/history.ts';
import { createPanel } from './updates/panel.ts';
import { statusView } from './updates/status-view.ts';
import type { UpdatesApi } from './updates/updates-api.ts';
import type { UpdateState } from '../../src/shared/state.ts';

declare global {
  interface Window {
    readonly updates: UpdatesApi;
  }
}

async function showUpdates(updates: UpdatesApi): Promise<void> {
  const panel = createPanel(updates.version, {
    run: (action) => void updates.run(action),
    switchChannel: (channel) => {
      void updates.setChannel(channel).then(() => panel.showChannels(updates.channels, channel));
    },
  });
  const show = (state: UpdateState): void => {
    const now = new Date();
    panel.showStatus(statusView(state, now));
    panel.showHistory(recordVersion(localStorage, updates.version, state, now), now);
  };
  updates.onState(show);
  show(await updates.state());
  panel.showChannels(updates.channels, await updates.channel());
}

showNotes(openNoteStore(localStorage, new Date()));
void showUpdates(window.updates);
