import type { UpdatesAnswer, UpdatesApi } from '../../src/shared/ipc.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { openNoteStore } from './notes/note-store.ts';
import { showNotes } from './notes/notes-view.ts';
import { recordVersion } from './updates/history.ts';
import { createPanel, type Panel } from './updates/panel.ts';
import { refusedView, statusView, type UpdateAction } from './updates/status-view.ts';

declare global {
  interface Window {
    /** What the preload script exposes. */
    readonly updates: UpdatesApi;
  }
}

async function showUpdates(updates: UpdatesApi, panel: Panel): Promise<void> {
  let version = '';
  const showState = (state: UpdateState): void => {
    const now = new Date();
    panel.showStatus(statusView(state, now));
    if (version !== '') panel.showHistory(recordVersion(localStorage, version, state, now), now);
  };
  const showAnswer = (answer: UpdatesAnswer): void => {
    if (!answer.ok) return panel.showStatus(refusedView(answer.error));
    version = answer.version;
    panel.showVersion(version);
    panel.showChannels(answer.channels, answer.channel);
    showState(answer.state);
  };
  const run = async (action: UpdateAction): Promise<UpdatesAnswer> => {
    if (action === 'restart') return updates.install('now');
    if (action === 'later') return updates.remindLater();
    return updates[action]();
  };

  panel.bind({
    run: (action) => void run(action).then(showAnswer),
    switchChannel: (channel) => void updates.setChannel(channel).then(showAnswer),
  });
  updates.subscribe(showState);
  showAnswer(await updates.info());
}

showNotes(openNoteStore(localStorage, new Date()));
void showUpdates(window.updates, createPanel());
