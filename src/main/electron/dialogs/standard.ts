import { BaseWindow } from 'electron';

import { textOf, toUpdateError } from '../../../shared/errors.ts';
import type { ChannelPreview, UpdateState } from '../../../shared/state.ts';
import type { Updater } from '../../manager/updater.ts';
import { silentLogger } from '../../node/logger.ts';
import {
  asked,
  type DialogAction,
  type DialogContent,
  downgradeQuestion,
  failure,
  lastErrorOf,
  unasked,
} from './content.ts';
import { contextOf } from './downgrade.ts';
import { type DialogOptions, showMessageBox } from './message-box.ts';
import { progressBar } from './progress-bar.ts';

/** Dialogs for apps that want no user interface of their own for updates. */
export interface StandardDialogs {
  /** Looks for updates as a person who asked: every outcome is told. For a menu item or a button. */
  readonly check: () => Promise<void>;
  /** Asks before a page's downgrade, for `exposeUpdater`. */
  readonly confirmDowngrade: (preview: ChannelPreview) => Promise<boolean>;
  /** No more dialogs and progress; an open one is closed. */
  readonly close: () => void;
}

/**
 * Shows what there is to decide and to know: an offer with its notes, progress on dock and taskbar, restart, what
 * failed, and that all is up to date. One dialog at a time. By itself it tells of each version once; failures only to a
 * person who asked. English or German, each text replaceable.
 */
export function standardDialogs(updater: Updater, options: DialogOptions = {}): StandardDialogs {
  const logger = options.logger ?? silentLogger;
  const shown = new Set<string>();
  let open: { readonly key: string; readonly abort: AbortController } | undefined;
  /** A person asked and is told what comes of it; nothing else is shown meanwhile. */
  let busy = 0;
  let closed = false;
  const context = contextOf(updater, options);

  function onState(state: UpdateState): void {
    showProgress(state);
    // A question that the state has answered closes; a check decides nothing before it ends.
    if (busy === 0 && state.type !== 'checking' && unasked(state, context())?.key !== open?.key) open?.abort.abort();
    tellSoon();
  }

  /** Later in this turn: by then an app that downloads by itself has begun, and needs no question. */
  function tellSoon(): void {
    queueMicrotask(() => void tell().catch(report));
  }

  /** Shows what the state says by itself, once. */
  async function tell(): Promise<void> {
    if (closed || busy > 0 || open !== undefined) return;
    const content = unasked(updater.state, context());
    if (content === undefined || shown.has(content.key)) return;
    await decide(content);
  }

  /** Shows a dialog, does what was chosen, and goes on until there is nothing to say. */
  async function decide(content: DialogContent | undefined): Promise<void> {
    if (content === undefined || closed) return tellSoon();
    shown.add(content.key);
    return decide(await perform(await show(content)));
  }

  async function show(content: DialogContent): Promise<DialogAction> {
    const abort = new AbortController();
    open = { key: content.key, abort };
    try {
      return await showMessageBox(content, options, abort.signal);
    } finally {
      if (open?.abort === abort) open = undefined;
    }
  }

  /** Does what a person chose; what they should know of the outcome is the next dialog. */
  async function perform(action: DialogAction): Promise<DialogContent | undefined> {
    busy += 1;
    try {
      switch (action) {
        case 'none':
          return undefined;
        case 'later':
          await updater.remindLater();
          return undefined;
        case 'skip':
          await updater.skip();
          return undefined;
        case 'on-quit':
          await updater.install('quit');
          return undefined;
        case 'check':
          return asked(await updater.check(), context());
        case 'download':
          return afterDownload(await updater.download());
        case 'restart':
        case 'install':
          return afterInstall(await updater.install('now'));
      }
    } catch (error) {
      const failed = toUpdateError(error, 'MANAGER_UNEXPECTED');
      logger.warn(`A dialog could not "${action}": ${failed.code} ${failed.message}`);
      // The state had moved on, by another window or by itself: it speaks for itself.
      return failed.code === 'MANAGER_WRONG_STATE' ? undefined : failure(failed, context(), 'check');
    } finally {
      busy -= 1;
    }
  }

  /** A cancelled download needs no words. */
  function afterDownload(state: UpdateState): DialogContent | undefined {
    const isCancelled = state.type === 'available' || state.type === 'idle';
    return isCancelled && lastErrorOf(state) === undefined ? undefined : asked(state, context());
  }

  /** Whoever is still here did not restart: because it failed, or because a window said no, which needs no words. */
  function afterInstall(state: UpdateState): DialogContent | undefined {
    if (state.type !== 'staged') return unasked(state, context());
    // Whoever just tried knows that it is ready.
    shown.add(unasked(state, context())?.key ?? '');
    const error = lastErrorOf(state);
    const isVeto = error === undefined || error.code === 'INSTALL_VETOED';
    return isVeto ? undefined : failure(error, context(), 'install');
  }

  function report(error: unknown): void {
    logger.error(`An update dialog could not be shown: ${textOf(error)}`);
  }

  const unsubscribe = updater.subscribe(onState);
  onState(updater.state);
  return {
    async check() {
      if (busy > 0 || open !== undefined) return;
      await decide(await perform('check')).catch(report);
    },
    async confirmDowngrade(preview) {
      busy += 1;
      try {
        return (await show(downgradeQuestion(preview, context()))) === 'install';
      } finally {
        busy -= 1;
      }
    },
    close() {
      closed = true;
      unsubscribe();
      open?.abort.abort();
      showProgress({ type: 'idle' });
    },
  };
}

function showProgress(state: UpdateState): void {
  const [value, mode] = progressBar(state);
  for (const window of BaseWindow.getAllWindows()) {
    if (!window.isDestroyed()) window.setProgressBar(value, { mode });
  }
}
