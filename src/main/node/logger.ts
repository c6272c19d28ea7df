import type { Logger } from '../ports.ts';

/** Logs nothing. The default outside Electron, because a library should not write to a program's terminal. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};
