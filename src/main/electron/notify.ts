import { app, Notification } from 'electron';

/** Shows a notification of the system. */
export function notify(notification: { readonly title: string; readonly body: string }): void {
  new Notification(notification).show();
}

export function appName(): string {
  return app.getName();
}
