import * as electron from 'electron';
import { type BaseWindow, BrowserWindow, type View, type WebContents } from 'electron';

/**
 * Returns all windows, of every kind. Electron before 30 has no `BaseWindow`. There, a module that imports it by name
 * cannot be loaded, so the app would not start and could not say that updates are off.
 */
export function allWindows(): readonly BaseWindow[] {
  return 'BaseWindow' in electron ? electron.BaseWindow.getAllWindows() : BrowserWindow.getAllWindows();
}

/** Returns the window that shows a page, either directly or in a `WebContentsView`; `null` if no window does. */
export function windowOf(contents: WebContents): BaseWindow | null {
  return (
    BrowserWindow.fromWebContents(contents) ??
    allWindows().find((window) => !window.isDestroyed() && holds(window.contentView, contents)) ??
    null
  );
}

/** True if this is the page of a `BrowserWindow` itself, not of a view in a window. */
export function isOwnPage(contents: WebContents): boolean {
  return BrowserWindow.fromWebContents(contents)?.webContents === contents;
}

function holds(view: View, contents: WebContents): boolean {
  return (
    ('webContents' in view && view.webContents === contents) || view.children.some((child) => holds(child, contents))
  );
}
