/** What the plugin needs from the outside: adapters for Electron and for plain Node implement it. Types only. */

/** What `electron-log`, `console` and most loggers are. */
export interface Logger {
  info(message: string, ...rest: unknown[]): void;
  warn(message: string, ...rest: unknown[]): void;
  error(message: string, ...rest: unknown[]): void;
  debug(message: string, ...rest: unknown[]): void;
}

export interface Clock {
  /** Milliseconds since the epoch, as the device believes. */
  now(): number;
  /** Calls `run` once after `ms`; the result cancels it. Timers never keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

export interface HttpRequestOptions {
  /** Sent to the origin of the URL only; dropped when a redirect leaves it (`Range` and `If-Range` may follow). */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Body bytes after which the body fails with `DOWNLOAD_TOO_LONG` and the connection is closed. */
  readonly maxBytes: number;
  /** Milliseconds until response headers must be there. @defaultValue 15000 */
  readonly headersTimeoutMs?: number;
  /** Milliseconds of waiting without 1 KiB of progress, after which the body fails with `DOWNLOAD_TIMEOUT`. @defaultValue 30000 */
  readonly idleTimeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The URL that answered, after redirects. */
  readonly url: string;
  /** The URLs that redirected, in order. */
  readonly redirects: readonly string[];
  /** May be read once. Each chunk belongs to the reader. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Discards the body and closes the connection. Idempotent. */
  cancel(): void;
}

/**
 * GET over HTTPS (loopback may be HTTP) on every hop, with `Accept-Encoding: identity`, without cookies or cache.
 * Any status is an answer, not an error. It does not retry: its callers know what a retry is worth.
 * @throws UpdateError `DOWNLOAD_OFFLINE`, `DOWNLOAD_DNS`, `DOWNLOAD_TLS`, `DOWNLOAD_PROXY`, `DOWNLOAD_PROTOCOL`,
 * `DOWNLOAD_TIMEOUT`, `DOWNLOAD_INSECURE_URL`, `DOWNLOAD_REDIRECT`, `DOWNLOAD_TOO_LONG`, `DOWNLOAD_TRUNCATED`,
 * `CANCELLED`
 */
export interface HttpClient {
  get(url: string, options: HttpRequestOptions): Promise<HttpResponse>;
  close(): Promise<void>;
}

export interface SpawnResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Windows only: pass arguments to the process unquoted. */
  readonly verbatimArguments?: boolean;
}

/** Starts programs by absolute path or name with an argument vector, never through a shell. */
export interface Spawn {
  /** Runs to the end; output is capped at 64 KiB a stream. Rejects only when the program cannot be started. */
  run(file: string, args: readonly string[], options?: SpawnOptions): Promise<SpawnResult>;
  /** Starts a process that outlives this one. Resolves once it has been started. */
  detach(file: string, args: readonly string[], options?: SpawnOptions): Promise<{ readonly pid: number }>;
}

/** Electron's `autoUpdater` on macOS, which installs by Squirrel.Mac. */
export interface SquirrelMac {
  /** Makes it fetch what the feed offers. Rejects when it cannot even begin. One at a time. */
  check(feed: { readonly url: string; readonly headers: Readonly<Record<string, string>> }): Promise<void>;
  /** The update was fetched and prepared by the system. The result unsubscribes. */
  onDownloaded(listener: () => void): () => void;
  /** At any time, also long after a check. The result unsubscribes. */
  onError(listener: (error: Error) => void): () => void;
  /** Quits the app as a user would, installs, and starts the new version. Resolves nothing: the app ends later. */
  quitAndInstall(): void;
}

/** Facts about the running app, read once at start. */
export interface AppFacts {
  readonly name: string;
  /** The installed version, semver. */
  readonly version: string;
  readonly isPackaged: boolean;
  readonly platform: NodeJS.Platform;
  /** The process's architecture as Node names it. */
  readonly arch: string;
  /** The machine's own architecture, which differs under Rosetta or WOW64. */
  readonly nativeArch: string;
  /** Version of the operating system, e.g. `6.1.0`. */
  readonly systemVersion: string;
  readonly execPath: string;
  readonly resourcesPath: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Local, non-roaming directory for app data: LOCALAPPDATA, XDG_STATE_HOME, Library/Application Support. */
  readonly stateHome: string;
  /** BCP 47. */
  readonly locale: string;
}

/** What the plugin asks of the app it lives in. Electron's adapter and the headless one implement it. */
export interface AppHost {
  readonly facts: AppFacts;
  /** Resolves when network and windows may be used. */
  whenReady(): Promise<void>;
  /**
   * Registers work for the moment when the app quits; the host delays the quit until it settles. The result
   * unregisters it.
   */
  onQuit(work: () => Promise<void>): () => void;
  /**
   * Asks the app to quit, as a user would, and stops right before its end: the caller installs, then calls `exit` or
   * `comeBack`. Resolves `false` when a window vetoed, or kept open for 10 seconds.
   */
  quit(): Promise<boolean>;
  /** After `quit`, when the install failed: the running version is started again. Nothing to do without windows. */
  comeBack(): void;
  /** Ends the process now, without events. */
  exit(code: number): void;
  /**
   * Calls `quit`, by which the system ends this app, and keeps nothing up. Exits when it still runs after 30 seconds; does
   * not come back before. Rejects when `quit` throws.
   */
  endBy(quit: () => void): Promise<void>;
  /** Called when the running version was confirmed. Ends what guards its first start. @defaultValue nothing */
  confirmed?(): void;
  /** Called after sleep and when the network comes back. The result unregisters it. */
  onWake(listener: () => void): () => void;
  /** True while the session is ending: nothing may be installed then. */
  isShuttingDown(): boolean;
  /** `false` where it cannot be told. */
  isOnBattery(): boolean;
}
