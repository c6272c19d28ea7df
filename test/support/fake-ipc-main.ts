import { EventEmitter } from 'node:events';

/** What the plugin uses of `ipcMain`, and a way to call a handler as a page's `ipcRenderer.invoke` does. */
type Handler = (event: IpcEvent, ...args: unknown[]) => unknown;

export interface IpcEvent {
  readonly type: 'frame';
  readonly sender: object;
  readonly senderFrame: object | null;
  readonly frameId: number;
  readonly processId: number;
}

const handlers = new Map<string, Handler>();

export const ipcMain = Object.assign(new EventEmitter(), {
  handle(channel: string, handler: Handler): void {
    // Electron's words.
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  },
  removeHandler: (channel: string) => void handlers.delete(channel),
});

export async function invoke(channel: string, event: IpcEvent, args: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  return handler(event, ...args);
}
