import type { UpdatesAnswer, UpdatesApi } from '../../../src/shared/ipc.ts';
import type { HeldBack, UpdateState } from '../../../src/shared/state.ts';
import { createChannelPicker } from './channel-picker.ts';
import { showHistory } from './history-view.ts';
import { createPanel } from './panel.ts';
import { errorView, statusView, type UpdateAction } from './status-view.ts';
import { bindSupport } from './support.ts';

/** Connects the update panel and the chip in the side bar to `window.updates`. */
export async function showUpdates(updates: UpdatesApi): Promise<void> {
  const panel = createPanel(
    (action) => void run(action).then(hearAnswer),
    () => void learn(),
  );
  const picker = createChannelPicker(updates, (answer) => hearAnswer(answer));
  let state: UpdateState | undefined;
  let heldBack: HeldBack | undefined;
  let version = '';

  async function run(action: UpdateAction): Promise<UpdatesAnswer> {
    if (action === 'restart' || action === 'retry') return updates.install('now');
    if (action === 'later') return updates.remindLater();
    return updates[action]();
  }

  function hearAnswer(answer: UpdatesAnswer): void {
    if (!answer.ok) return panel.showStatus(errorView(answer.error));
    version = answer.version;
    panel.showVersion(version);
    picker.show({ current: answer.channel, offered: answer.channels, version });
    hear(answer.state);
  }

  function hear(next: UpdateState): void {
    const isNews = next.type !== state?.type;
    state = next;
    panel.showStatus(statusView(state, { now: new Date(), heldBack }));
    picker.hide(state.type === 'disabled');
    if (isNews) void learn();
  }

  /** Loads what the states do not contain: earlier installs, and why a newer version is not offered. */
  async function learn(): Promise<void> {
    const [history, diagnostics] = await Promise.all([updates.history(), updates.diagnostics()]);
    if (history.ok) showHistory(history.history, version, new Date());
    if (!diagnostics.ok || diagnostics.report.heldBack?.message === heldBack?.message) return;
    heldBack = diagnostics.report.heldBack;
    if (state !== undefined) panel.showStatus(statusView(state, { now: new Date(), heldBack }));
  }

  bindSupport(updates);
  updates.subscribe(hear);
  hearAnswer(await updates.info());
}
