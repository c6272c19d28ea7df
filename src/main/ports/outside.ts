/** What the plugin needs from outside. Adapters for Electron and for plain Node implement it. Types only. */

/** A logger. `electron-log`, `console` and most others fit. */
export interface Logger {
  info(message: string, ...rest: unknown[]): void;
  warn(message: string, ...rest: unknown[]): void;
  error(message: string, ...rest: unknown[]): void;
  debug(message: string, ...rest: unknown[]): void;
}

export interface Clock {
  /** Milliseconds since the epoch, by the device's clock. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds. The result cancels it. Timers never keep the process alive. */
  after(ms: number, run: () => void): () => void;
}

export interface HttpRequestOptions {
  /** Sent only to the origin of the URL. After a redirect to another origin, only `Range` and `If-Range` are sent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Maximum number of body bytes. If the server sends more, reading fails with `DOWNLOAD_TOO_LONG`. */
  readonly maxBytes: number;
  /** Milliseconds within which the response headers must arrive. @defaultValue 15000 */
  readonly headersTimeoutMs?: number;
  /** Milliseconds without 1 KiB of progress, after which the body fails with `DOWNLOAD_TIMEOUT`. @defaultValue 30000 */
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
  /** Can be read once. The reader owns each chunk. Leaving the loop early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Discards the body and closes the connection. Idempotent. */
  cancel(): void;
}

/**
 * Sends GET requests over HTTPS (HTTP for loopback), after redirects too. Sends `Accept-Encoding: identity`
 * and uses no cookies or cache. No status counts as an error. Does not retry: the callers do.
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
  /** Windows only: passes the arguments to the process unquoted. @defaultValue false */
  readonly verbatimArguments?: boolean;
}

/** Starts programs by path or name with an argument vector, never through a shell. */
export interface Spawn {
  /** Runs a program to its end. Output is capped at 64 KiB per stream. Rejects only if the program cannot be started. */
  run(file: string, args: readonly string[], options?: SpawnOptions): Promise<SpawnResult>;
  /** Starts a process that outlives this one. Resolves once it has been started. */
  detach(file: string, args: readonly string[], options?: SpawnOptions): Promise<{ readonly pid: number }>;
}

/** Electron's `autoUpdater` on macOS, which installs updates with Squirrel.Mac. */
export interface SquirrelMac {
  /** Starts to fetch the update from the feed. Rejects if it cannot start. Call it for one update at a time. */
  check(feed: { readonly url: string; readonly headers: Readonly<Record<string, string>> }): Promise<void>;
  /** Called when the system has fetched and prepared the update. The result unsubscribes. */
  onDownloaded(listener: () => void): () => void;
  /** Called for any error, also long after a check. The result unsubscribes. */
  onError(listener: (error: Error) => void): () => void;
  /** Quits the app, installs the update, and starts the new version. Returns before the app ends. */
  quitAndInstall(): void;
}

/** Facts about the running app, read once at start. */
export interface AppFacts {
  readonly name: string;
  /** The installed version, semver. */
  readonly version: string;
  readonly isPackaged: boolean;
  readonly platform: NodeJS.Platform;
  /** Architecture of the process, as in `process.arch`. */
  readonly arch: string;
  /** Architecture of the machine. Differs from `arch` under Rosetta or WOW64. */
  readonly nativeArch: string;
  /** Version of the operating system, such as `6.1.0`. */
  readonly systemVersion: string;
  readonly execPath: string;
  readonly resourcesPath: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Local, non-roaming directory for app data: LOCALAPPDATA, XDG_STATE_HOME, Library/Application Support. */
  readonly stateHome: string;
  /** BCP 47 tag of the user's language. */
  readonly locale: string;
}

/** The app that hosts the plugin. There is an adapter for Electron and one for plain Node. */
export interface AppHost {
  readonly facts: AppFacts;
  /** Resolves when the network and windows can be used. */
  whenReady(): Promise<void>;
  /**
   * Registers work to do when the app quits. The host delays the quit until the work settles. The result unregisters it.
   */
  onQuit(work: () => Promise<void>): () => void;
  /**
   * Quits the app as a user would, but holds it right before its end. The caller then installs and calls `exit` or
   * `comeBack`. Resolves `false` if a window vetoed the quit or did not close within 10 seconds.
   */
  quit(): Promise<boolean>;
  /** Starts the running version again after `quit`, if the install failed. Does nothing without windows. */
  comeBack(): void;
  /** Ends the process immediately, without events. */
  exit(code: number): void;
  /**
   * Calls `quit`, with which the system ends this app, and delays nothing. Exits the process if it still runs after
   * 30 seconds. Does not resolve before. Rejects if `quit` throws.
   */
  endBy(quit: () => void): Promise<void>;
  /** Called when the running version was confirmed. Ends what guards its first start. @defaultValue nothing */
  confirmed?(): void;
  /** Called after sleep and when the network comes back. The result unregisters it. */
  onWake(listener: () => void): () => void;
  /** True while the user's session is ending. Nothing may be installed then. */
  isShuttingDown(): boolean;
  /** `false` if it cannot be determined. */
  isOnBattery(): boolean;
}
