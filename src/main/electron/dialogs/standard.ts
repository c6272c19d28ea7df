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
 * person who asked. In the user's language, each text replaceable; see {@link UpdateLanguage}.
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
  /** A person asked and is told what comes of it; nothing else is shown meanwhile. */
  #busy = 0;
  #closed = false;

  constructor(updater: Updater, options: DialogOptions) {
    this.#updater = updater;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#unsubscribe = updater.subscribe((state) => this.#onState(state));
    this.#onState(updater.state);
  }

  // Apps pass these on by themselves, as `dialogs.check`.
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
    // A question that the state has answered closes; a check decides nothing before it ends.
    const isAnswered = this.#busy === 0 && state.type !== 'checking' && unaskedKey(state) !== this.#open?.key;
    if (isAnswered) this.#open?.abort.abort();
    this.#tellSoon();
  }

  /** Later in this turn: an app that downloads by itself has begun then, and needs no question. */
  #tellSoon(): void {
    queueMicrotask(() => {
      this.#tell().catch((error: unknown) => this.#report(error));
    });
  }

  /** Shows what the state says by itself, once. */
  async #tell(): Promise<void> {
    if (!this.#hasNews()) return;
    const context = await this.#context();
    // The words were loaded, and the state may have moved on.
    if (this.#hasNews()) await this.#decide(unasked(this.#updater.state, context));
  }

  #hasNews(): boolean {
    if (this.#closed || this.#busy > 0 || this.#open !== undefined) return false;
    const key = unaskedKey(this.#updater.state);
    return key !== undefined && !this.#shown.has(key);
  }

  /** Shows a dialog, does what was chosen, and goes on until there is nothing to say. */
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

  /** Does what a person chose; what they should know of the outcome is the next dialog. */
  async #perform(action: DialogAction): Promise<DialogContent | undefined> {
    this.#busy += 1;
    try {
      return await this.#outcomeOf(action);
    } catch (error) {
      const failed = toUpdateError(error, 'MANAGER_UNEXPECTED');
      this.#logger.warn(`A dialog could not "${action}": ${failed.code} ${failed.message}`);
      // The state had moved on, by another window or by itself: it speaks for itself.
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

  /** A cancelled download needs no words. */
  async #afterDownload(state: UpdateState): Promise<DialogContent | undefined> {
    const isCancelled = state.type === 'available' || state.type === 'idle';
    return isCancelled && lastErrorOf(state) === undefined ? undefined : asked(state, await this.#context());
  }

  /** The app still runs: the install failed, or a window said no, which needs no words. */
  async #afterInstall(state: UpdateState): Promise<DialogContent | undefined> {
    if (state.type !== 'staged') return unasked(state, await this.#context());
    // A person who just tried knows that it is ready.
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
