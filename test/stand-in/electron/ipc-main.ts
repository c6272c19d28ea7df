import { EventEmitter } from 'node:events';

export interface IpcEvent {
  readonly type: 'frame';
  readonly sender: object;
  readonly senderFrame: object;
  readonly frameId: number;
  readonly processId: number;
}

type Handler = (event: IpcEvent, ...args: unknown[]) => unknown;

const handlers = new Map<string, Handler>();
const events = new EventEmitter();

export const ipcMain = Object.assign(events, {
  handle(channel: string, handler: Handler) {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    handlers.set(channel, handler);
  },
  handleOnce(channel: string, handler: Handler) {
    ipcMain.handle(channel, (event, ...args) => {
      handlers.delete(channel);
      return handler(event, ...args);
    });
  },
  removeHandler: (channel: string) => void handlers.delete(channel),
});

/** What `ipcRenderer.invoke` gets; errors as Electron words them. */
export async function invoke(channel: string, event: IpcEvent, args: readonly unknown[]): Promise<unknown> {
  const handler = handlers.get(channel);
  try {
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return await handler(event, ...args);
  } catch (error) {
    throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error });
  }
}

export function receive(channel: string, event: IpcEvent, args: readonly unknown[]): void {
  events.emit(channel, event, ...args);
}
