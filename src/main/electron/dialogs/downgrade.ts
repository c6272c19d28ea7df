import { app } from 'electron';

import type { ChannelPreview } from '../../../shared/state.ts';
import type { Updater } from '../../manager/updater.ts';
import { loadDialogTexts, userLanguages } from '../i18n/index.ts';
import { type DialogContext, downgradeQuestion } from './content.ts';
import { type DialogOptions, showMessageBox } from './message-box.ts';

/**
 * Creates a message box of the main process that asks before an older version is installed. For the option
 * `confirmDowngrade` of `exposeUpdater`, in apps whose pages show everything else. Enter and Escape keep the installed
 * version.
 */
export function confirmDowngrade(
  updater: Pick<Updater, 'version'>,
  options: DialogOptions = {},
): (preview: ChannelPreview) => Promise<boolean> {
  return async (preview) => {
    const never = new AbortController().signal;
    const question = downgradeQuestion(preview, await contextOf(updater, options));
    return (await showMessageBox(question, options, never)) === 'install';
  };
}

/** The texts of a dialog and their values at this moment. */
export async function contextOf(updater: Pick<Updater, 'version'>, options: DialogOptions): Promise<DialogContext> {
  return {
    texts: await loadDialogTexts(options),
    app: app.getName(),
    current: updater.version,
    languages: options.language === undefined ? userLanguages() : [options.language],
    now: Date.now(),
  };
}
