import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { BaseWindow, WebContents, WebFrameMain } from 'electron';

/** Which pages may control updates. */
export interface SenderRules {
  /** `https://app.example.org`, `app://notes`. */
  readonly origins: readonly string[];
  /** Absolute directories whose `file:` pages are the app's own. */
  readonly directories: readonly string[];
  readonly windows: (window: BaseWindow) => boolean;
}

/** The facts about a page, read from Electron together. */
export interface PageFacts {
  /** The window that shows the page; `undefined` if it is closed or the page is not in a window. */
  readonly window: BaseWindow | undefined;
  /** `window`, `webview`, `remote` … */
  readonly type: string;
  readonly isMainFrame: boolean;
  readonly url: string;
  /** The browser's origin of the page: `null` for an opaque origin, whatever the URL is. */
  readonly origin: string;
}

/**
 * Reads the facts about a page. Returns `undefined` if the page is gone: Electron's objects throw then.
 * @param called the frame that called; `null` if it is already gone
 */
export function readPage(
  contents: WebContents,
  called: WebFrameMain | null | 'main frame',
  windowOf: (contents: WebContents) => BaseWindow | null,
): PageFacts | undefined {
  try {
    if (contents.isDestroyed()) return undefined;
    const frame = called === 'main frame' ? contents.mainFrame : called;
    if (frame === null || frame.detached) return undefined;
    const window = windowOf(contents);
    return {
      window: window === null || window.isDestroyed() ? undefined : window,
      type: contents.getType(),
      isMainFrame: frame === contents.mainFrame && frame.parent === null,
      url: frame.url,
      origin: frame.origin,
    };
  } catch {
    // "Render frame was disposed" means that the page has navigated in the meantime.
    return undefined;
  }
}

/** Why a page may not control updates, as text for its developer; `undefined` if it may. Refuses pages in doubt. */
export function refusal(page: PageFacts | undefined, rules: SenderRules): string | undefined {
  if (page === undefined) return 'it is gone';
  if (page.window === undefined) return 'it is not shown by a window of the app';
  if (page.type !== 'window') return `it is shown in a ${page.type}`;
  if (!page.isMainFrame) return 'it is a frame inside another page';
  if (!rules.windows(page.window)) return 'its window is not allowed to';
  if (!URL.canParse(page.url)) return 'it has no address';
  const url = new URL(page.url);
  const origin = `${url.protocol}//${url.host}`;
  // A sandboxed document keeps its address and has the opaque origin "null".
  if (page.origin !== origin) return 'its origin is not that of its address';
  if (url.protocol !== 'file:') {
    return rules.origins.includes(origin) ? undefined : `${origin} is not among the origins given to exposeUpdater`;
  }
  return rules.directories.some((directory) => isInside(directory, url))
    ? undefined
    : 'its file is not part of the app, nor in a directory given to exposeUpdater';
}

function isInside(directory: string, url: URL): boolean {
  // `file://server/share` is on another machine. An encoded separator cannot be part of a file name.
  if (url.host !== '' || /%2f|%5c/i.test(url.pathname)) return false;
  const path = relative(directory, fileURLToPath(url));
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
