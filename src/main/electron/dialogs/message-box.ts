import { app, type BaseWindow, dialog } from 'electron';

import type { Logger } from '../../ports.ts';
import type { WordsOptions } from '../i18n/strings.ts';
import { allWindows } from '../window-of.ts';
import type { DialogAction, DialogContent } from './content.ts';

export interface DialogOptions extends WordsOptions {
  /** The window that a dialog belongs to. @defaultValue the focused one, else the first one that is visible */
  readonly parent?: () => BaseWindow | undefined;
  /** @defaultValue none */
  readonly logger?: Logger;
}

/** Shows a message box of the system, and resolves to what was chosen; `none` when `signal` closed it. */
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
    // Escape and the window's cross.
    cancelId: buttons.length - 1,
    // Windows would draw buttons with words of their own as large links.
    noLink: true,
    signal,
  };
  const window = parent();
  const { response } = await (window === undefined ? dialog.showMessageBox(box) : dialog.showMessageBox(window, box));
  return signal.aborted ? 'none' : (buttons[response]?.action ?? 'none');
}

/** With a parent a dialog is a sheet on macOS; without one it would stop the whole app there. */
function usualParent(): BaseWindow | undefined {
  const windows = allWindows();
  return windows.find((window) => window.isFocused()) ?? windows.find((window) => window.isVisible());
}
