import type { Logger } from '../ports.ts';

/** Says nothing. The default outside Electron: a library does not write to a program's terminal. */
export const silentLogger: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};
