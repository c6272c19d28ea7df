import type { Logger as MainLogger } from '../main/ports.ts';
import type { Logger } from './types.ts';

/** What `logger = null` leads to, as in electron-updater. */
export class NoOpLogger implements Logger {
  info(_message?: unknown): void {}
  warn(_message?: unknown): void {}
  error(_message?: unknown): void {}
}

/** A logger over whichever is set at the moment. */
export function loggerOver(current: () => Logger): MainLogger {
  return {
    info: (message) => current().info(message),
    warn: (message) => current().warn(message),
    error: (message) => current().error(message),
    debug: (message) => current().debug?.(message),
  };
}
