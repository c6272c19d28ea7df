import type { Logger } from '../main/ports.ts';
import type { CompatLogger } from './types.ts';

/** A logger over whichever is set at the moment. */
export function loggerOver(current: () => CompatLogger | null): Logger {
  return {
    info: (message) => current()?.info(message),
    warn: (message) => current()?.warn(message),
    error: (message) => current()?.error(message),
    debug: (message) => current()?.debug?.(message),
  };
}
