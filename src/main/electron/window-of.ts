import { BaseWindow, BrowserWindow, type View, type WebContents } from 'electron';

/** The window that shows a page: its own, or the one that holds the `WebContentsView` with it. `null` when none does. */
export function windowOf(contents: WebContents): BaseWindow | null {
  return (
    BrowserWindow.fromWebContents(contents) ??
    BaseWindow.getAllWindows().find((window) => !window.isDestroyed() && holds(window.contentView, contents)) ??
    null
  );
}

/** Is this the page of a `BrowserWindow` itself, and not of a view in a window? */
export function isOwnPage(contents: WebContents): boolean {
  return BrowserWindow.fromWebContents(contents)?.webContents === contents;
}

function holds(view: View, contents: WebContents): boolean {
  return (
    ('webContents' in view && view.webContents === contents) || view.children.some((child) => holds(child, contents))
  );
}
