import { app } from 'electron';

import type { ChannelPreview } from '../../../shared/state.ts';
import type { Updater } from '../../manager/updater.ts';
import { userLanguages, wordsFor } from '../words/index.ts';
import { type DialogContext, downgradeQuestion } from './content.ts';
import { type DialogOptions, showMessageBox } from './message-box.ts';

/**
 * A message box of the main process that asks before an older version is installed: for `confirmDowngrade` of
 * `exposeUpdater`, in apps whose pages show everything else. Enter and Escape keep the installed version.
 */
export function confirmDowngrade(
  updater: Pick<Updater, 'version'>,
  options: DialogOptions = {},
): (preview: ChannelPreview) => Promise<boolean> {
  const context = contextOf(updater, options);
  return async (preview) => {
    const never = new AbortController().signal;
    return (await showMessageBox(downgradeQuestion(preview, context()), options, never)) === 'install';
  };
}

/** What the words of a dialog are filled with at the moment when it is shown. */
export function contextOf(updater: Pick<Updater, 'version'>, options: DialogOptions): () => DialogContext {
  return () => ({
    words: wordsFor(options),
    app: app.getName(),
    current: updater.version,
    languages: options.language === undefined ? userLanguages() : [options.language],
  });
}
