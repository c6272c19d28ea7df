/** What the repository needs from its environment. The plugin's `Clock` and `Logger` match it. */
export interface RepositoryClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds. Returns a function that cancels it. Must not keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

export interface RepositoryLogger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, ...rest: unknown[]): void;
}

export const systemClock: RepositoryClock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

export const silentLogger: RepositoryLogger = { info() {}, warn() {}, error() {} };
