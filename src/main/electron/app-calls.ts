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

/** Shows a notification of the system. */
export function notify(notification: { readonly title: string; readonly body: string }): void {
  new Notification(notification).show();
}

/** Apps that keep their windows open otherwise let them close when they hear this of Electron's own `autoUpdater`. */
export function announceQuit(): void {
  autoUpdater.emit('before-quit-for-update');
}
