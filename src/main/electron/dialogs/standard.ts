import { textOf, toUpdateError } from '../../../shared/errors.ts';
import type { ChannelPreview, UpdateState } from '../../../shared/state.ts';
import type { Updater } from '../../manager/updater.ts';
import { silentLogger } from '../../node/logger.ts';
import type { Logger } from '../../ports.ts';
import {
  asked,
  type DialogAction,
  type DialogContent,
  type DialogContext,
  downgradeQuestion,
  failure,
  lastErrorOf,
  unasked,
  unaskedKey,
} from './content.ts';
import { contextOf } from './downgrade.ts';
import { type DialogOptions, showMessageBox } from './message-box.ts';
import { progressBar } from './progress-bar.ts';
import { allWindows } from '../window-of.ts';

/** Dialogs for apps without their own user interface for updates. */
export interface StandardDialogs {
  /** Checks for updates and shows every outcome. For a menu item or a button. */
  readonly check: () => Promise<void>;
  /** Asks before a downgrade that a page requested. For the option `confirmDowngrade` of `exposeUpdater`. */
  readonly confirmDowngrade: (preview: ChannelPreview) => Promise<boolean>;
  /** Closes an open dialog, and shows no more dialogs and progress. */
  readonly close: () => void;
}

/**
 * Shows dialogs for updates, one at a time: the offer with its notes, the restart, failures, and that the app is up to
 * date. Also shows progress on dock and taskbar. Announces each version once, and shows failures only to a user who
 * asked. Uses the user's language; the app can replace each text. See {@link UpdateLanguage}.
 */
export function standardDialogs(updater: Updater, options: DialogOptions = {}): StandardDialogs {
  return new Dialogs(updater, options);
}

class Dialogs implements StandardDialogs {
  readonly #updater: Updater;
  readonly #options: DialogOptions;
  readonly #logger: Logger;
  readonly #shown = new Set<string>();
  readonly #unsubscribe: () => void;
  #open: { readonly key: string; readonly abort: AbortController } | undefined;
  /** Number of actions whose outcome the user waits for. No other dialog is shown meanwhile. */
  #busy = 0;
  #closed = false;

  constructor(updater: Updater, options: DialogOptions) {
    this.#updater = updater;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#unsubscribe = updater.subscribe((state) => this.#onState(state));
    this.#onState(updater.state);
  }

  // Arrow functions, because apps pass them on without the object, as `dialogs.check`.
  readonly check = async (): Promise<void> => {
    if (this.#busy > 0 || this.#open !== undefined) return;
    try {
      await this.#decide(await this.#perform('check'));
    } catch (error) {
      this.#report(error);
    }
  };

  readonly confirmDowngrade = async (preview: ChannelPreview): Promise<boolean> => {
    this.#busy += 1;
    try {
      return (await this.#show(downgradeQuestion(preview, await this.#context()))) === 'install';
    } finally {
      this.#busy -= 1;
    }
  };

  readonly close = (): void => {
    this.#closed = true;
    this.#unsubscribe();
    this.#open?.abort.abort();
    showProgress({ type: 'idle' });
  };

  #onState(state: UpdateState): void {
    showProgress(state);
    // Closes a dialog that the new state makes obsolete. A running check does not decide that yet.
    const isAnswered = this.#busy === 0 && state.type !== 'checking' && unaskedKey(state) !== this.#open?.key;
    if (isAnswered) this.#open?.abort.abort();
    this.#tellSoon();
  }

  /** Waits for a microtask. By then, an app that downloads automatically has started, and no question is needed. */
  #tellSoon(): void {
    queueMicrotask(() => {
      this.#tell().catch((error: unknown) => this.#report(error));
    });
  }

  /** Shows the dialog of the state, if it was not shown before. */
  async #tell(): Promise<void> {
    if (!this.#hasNews()) return;
    const context = await this.#context();
    // The state may have changed while the texts were loaded.
    if (this.#hasNews()) await this.#decide(unasked(this.#updater.state, context));
  }

  #hasNews(): boolean {
    if (this.#closed || this.#busy > 0 || this.#open !== undefined) return false;
    const key = unaskedKey(this.#updater.state);
    return key !== undefined && !this.#shown.has(key);
  }

  /** Shows a dialog, performs the chosen action, and repeats this with the next dialog until there is none. */
  async #decide(content: DialogContent | undefined): Promise<void> {
    if (content === undefined || this.#closed) return this.#tellSoon();
    this.#shown.add(content.key);
    return this.#decide(await this.#perform(await this.#show(content)));
  }

  async #show(content: DialogContent): Promise<DialogAction> {
    const abort = new AbortController();
    this.#open = { key: content.key, abort };
    try {
      return await showMessageBox(content, this.#options, abort.signal);
    } finally {
      if (this.#open?.abort === abort) this.#open = undefined;
    }
  }

  /** Performs the chosen action. Resolves with the dialog that shows its outcome. */
  async #perform(action: DialogAction): Promise<DialogContent | undefined> {
    this.#busy += 1;
    try {
      return await this.#outcomeOf(action);
    } catch (error) {
      const failed = toUpdateError(error, 'MANAGER_UNEXPECTED');
      this.#logger.warn(`A dialog could not "${action}": ${failed.code} ${failed.message}`);
      // The state had changed before the action. The new state has its own dialog.
      return failed.code === 'MANAGER_WRONG_STATE' ? undefined : failure(failed, await this.#context(), 'check');
    } finally {
      this.#busy -= 1;
    }
  }

  async #outcomeOf(action: DialogAction): Promise<DialogContent | undefined> {
    const updater = this.#updater;
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
        return asked(await updater.check(), await this.#context());
      case 'download':
        return this.#afterDownload(await updater.download());
      case 'restart':
      case 'install':
        return this.#afterInstall(await updater.install('now'));
    }
  }

  /** A cancelled download has no dialog. */
  async #afterDownload(state: UpdateState): Promise<DialogContent | undefined> {
    const isCancelled = state.type === 'available' || state.type === 'idle';
    return isCancelled && lastErrorOf(state) === undefined ? undefined : asked(state, await this.#context());
  }

  /** Called if the app still runs: the install failed, or a window vetoed the quit. A veto has no dialog. */
  async #afterInstall(state: UpdateState): Promise<DialogContent | undefined> {
    if (state.type !== 'staged') return unasked(state, await this.#context());
    // The user has just tried to install it, so the dialog about the ready update is not shown again.
    this.#shown.add(unaskedKey(state) ?? '');
    const error = lastErrorOf(state);
    const isVeto = error === undefined || error.code === 'INSTALL_VETOED';
    return isVeto ? undefined : failure(error, await this.#context(), 'install');
  }

  async #context(): Promise<DialogContext> {
    return contextOf(this.#updater, this.#options);
  }

  #report(error: unknown): void {
    this.#logger.error(`An update dialog could not be shown: ${textOf(error)}`);
  }
}

function showProgress(state: UpdateState): void {
  const [value, mode] = progressBar(state);
  for (const window of allWindows()) {
    if (!window.isDestroyed()) window.setProgressBar(value, { mode });
  }
}
