import { session, type WebContents } from 'electron';

import { isOwnPage } from './app-protocol.ts';

/** Prevents pages from navigating away, opening windows and embedding other pages. */
export function hardenWebContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** The permission to write plain text to the clipboard, after a click in the app's own page. */
const allowed = 'clipboard-sanitized-write';

/** Denies pages all other permissions: camera, location, notifications, devices, reading the clipboard. */
export function hardenSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === allowed && isOwnPage(contents.getURL())),
  );
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === allowed && isOwnPage(origin),
  );
  defaultSession.setDevicePermissionHandler(() => false);
}
