import { app, type BaseWindow, dialog } from 'electron';

import type { Logger } from '../../ports.ts';
import type { WordsOptions } from '../i18n/strings.ts';
import { allWindows } from '../window-of.ts';
import type { DialogAction, DialogContent } from './content.ts';

export interface DialogOptions extends WordsOptions {
  /** Returns the parent window of a dialog. @defaultValue the focused window, or else the first visible one */
  readonly parent?: () => BaseWindow | undefined;
  /** @defaultValue nothing is logged */
  readonly logger?: Logger;
}

/** Shows a message box of the system. Resolves with the chosen action, or `none` if `signal` closed the box. */
export async function showMessageBox(
  { type, message, detail, buttons, enter = 0 }: DialogContent,
  { parent = usualParent }: DialogOptions,
  signal: AbortSignal,
): Promise<DialogAction> {
  await app.whenReady();
  const box = {
    type,
    message,
    detail,
    buttons: buttons.map(({ label }) => label),
    defaultId: enter,
    // Escape and the window's close button choose the last button.
    cancelId: buttons.length - 1,
    // Otherwise Windows shows buttons with custom texts as large links.
    noLink: true,
    signal,
  };
  const window = parent();
  const { response } = await (window === undefined ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box));
  return signal.aborted ? 'none' : (buttons[response]?.action ?? 'none');
}

/** On macOS, a dialog with a parent is a sheet. Without a parent it would block the whole app. */
function usualParent(): BaseWindow | undefined {
  const windows = allWindows();
  return windows.find((window) => window.isFocused()) ?? windows.find((window) => window.isVisible());
}
