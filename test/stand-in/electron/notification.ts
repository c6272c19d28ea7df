import { EventEmitter } from 'node:events';

/** Never drawn; it says that it was shown, as the system's would. */
export class Notification extends EventEmitter {
  readonly title: string;
  readonly body: string;

  constructor({ title = '', body = '' }: { readonly title?: string; readonly body?: string } = {}) {
    super();
    this.title = title;
    this.body = body;
  }

  static isSupported(): boolean {
    return false;
  }

  show(): void {
    setImmediate(() => this.emit('show', {}));
  }

  close(): void {
    setImmediate(() => this.emit('close', {}));
  }
}
