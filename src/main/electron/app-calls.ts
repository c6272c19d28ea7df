import { app, autoUpdater, Notification } from 'electron';

export function appName(): string {
  return app.getName();
}

export function appVersion(): string {
  return app.getVersion();
}

export function isPackaged(): boolean {
  return app.isPackaged;
}

/** Shows a system notification. */
export function notify(notification: { readonly title: string; readonly body: string }): void {
  new Notification(notification).show();
}

/**
 * Emits the event of Electron's own `autoUpdater` on which apps let their windows close, even if they otherwise stay
 * open.
 */
export function announceQuit(): void {
  autoUpdater.emit('before-quit-for-update');
}
