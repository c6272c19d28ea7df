import { session, type WebContents } from 'electron';

import { isOwnPage } from './app-protocol.ts';

/** No page leaves the app, opens windows or embeds others. */
export function hardenWebContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** To put plain text on the clipboard, which a click in the app's own page asks for. */
const allowed = 'clipboard-sanitized-write';

/** Pages get no other permissions: no camera, no location, no notifications, no devices, no look at the clipboard. */
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
