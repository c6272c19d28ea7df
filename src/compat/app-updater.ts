import { EventEmitter } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';

import semver, { type SemVer } from 'semver';

import type { Session } from '../main/electron/updater-session.ts';
import type { Updater } from '../main/manager/updater.ts';
import { UpdateError } from '../shared/errors.ts';
import { CancellationToken, type CancelSignal } from './cancellation.ts';
import { wantedChannel } from './channel-choice.ts';
import { NoOpLogger } from './logger.ts';
import { Notices } from './notices.ts';
import type { UpdateInfo } from './payloads.ts';
import { UpdaterSignal } from './signals.ts';
import type { Surroundings, Wishes } from './surroundings.ts';
import type {
  AppUpdaterEvents,
  DownloadNotification,
  FeedOptions,
  Logger,
  UpdateCheckResult,
  VerifyUpdateCodeSignature,
  VerifyUpdateSupport,
} from './types.ts';
import { UpdateFlow } from './update-flow.ts';

const usualNotification: DownloadNotification = {
  title: 'A new update is ready to install',
  body: '{appName} version {version} has been downloaded and will be automatically installed on exit',
};
const secretHeader = /auth|token|cookie|key|secret/i;
const acceptAll = (): boolean => true;

/**
 * electron-updater's updater, implemented with an {@link Updater} that is opened on first use. It extends `EventEmitter` like
 * the original, because apps rely on that: `events.once(autoUpdater, …)`, `instanceof`, subclasses. This one class serves for
 * all of electron-updater's platform classes, because the {@link Updater} handles the differences between platforms.
 */
export class AppUpdater extends EventEmitter<AppUpdaterEvents> {
  /** Download what a check finds, unless the user has postponed it. @defaultValue true */
  autoDownload: boolean = true;
  /** Install a downloaded update when the app quits. System packages wait for an explicit call. @defaultValue true */
  autoInstallOnAppQuit: boolean = true;
  /** Start the app again after `quitAndInstall()`. Has no effect on macOS, where the system does that. @defaultValue true */
  autoRunAppAfterInstall: boolean = true;
  /** Also update in development, with the app's `update/` directory. Set it before the first check. @defaultValue false */
  forceDevUpdateConfig: boolean = false;
  /** Transfer whole files. @defaultValue false */
  disableDifferentialDownload: boolean = false;
  /** Has no effect, because there are no web installers. @defaultValue false */
  disableWebInstaller: boolean = false;
  /** Include the notes of all versions since the running one. @defaultValue false */
  fullChangelog: boolean = false;
  /** For typed listeners. */
  readonly signals: UpdaterSignal = new UpdaterSignal(this);

  readonly #surroundings: Surroundings;
  readonly #flow: UpdateFlow;
  readonly #notices: Notices = new Notices(() => this.#logger);
  #logger: Logger = console;
  #channel: string | null = null;
  #feedChannel: string | undefined;
  #allowPrerelease: boolean | undefined;
  #allowDowngrade: boolean | undefined;
  #requestHeaders: OutgoingHttpHeaders | null = null;
  #isUpdateSupported: VerifyUpdateSupport | undefined;
  #isUserWithinRollout: VerifyUpdateSupport | undefined;
  #verifyUpdateCodeSignature: VerifyUpdateCodeSignature | undefined;
  #updateConfigPath: string | null = null;
  #installDirectory: string | undefined;
  #previousBlockmapBaseUrlOverride: string | null = null;
  #checking: Promise<UpdateCheckResult | null> | undefined;
  #downloading: Promise<string[]> | undefined;

  constructor(surroundings: Surroundings, options?: FeedOptions | null) {
    super();
    this.#surroundings = surroundings;
    this.#flow = new UpdateFlow({
      open: () => surroundings.open(this.#wishes()),
      events: this,
      logger: () => this.#logger,
      autoDownload: () => this.autoDownload,
      fullChangelog: () => this.fullChangelog,
      rules: () => [this.#isUpdateSupported, this.#isUserWithinRollout].filter((rule) => rule !== undefined),
      channel: () =>
        wantedChannel({
          channel: this.#channel,
          feedChannel: this.#feedChannel,
          allowPrerelease: this.#allowPrerelease,
          version: surroundings.version(),
        }),
    });
    if (options === undefined || options === null) return;
    this.setFeedURL(options);
    const { requestHeaders } = takenOver(options);
    if (requestHeaders) this.requestHeaders = requestHeaders;
  }

  /** This package's updater: rollback notices, history, diagnostics. @throws UpdateError without `update.json` */
  get updater(): Updater {
    return this.#flow.updater();
  }

  /** `null` until it is set. `latest` means `stable`. Applies to this process. A choice by `updater.setChannel` takes precedence. */
  get channel(): string | null {
    return this.#channel;
  }
  set channel(name: string | null) {
    if (this.#channel !== null && (typeof name !== 'string' || name === '')) {
      throw new UpdateError('OPTIONS_INVALID', 'Channel must be the name of a channel, such as "beta".');
    }
    this.#channel = name === '' ? null : (name ?? null);
  }

  /**
   * Allows one downgrade to the version of the channel, until a newer version is installed. Unlike in electron-updater,
   * setting `channel` does not set this. @defaultValue false
   */
  get allowDowngrade(): boolean {
    return this.#allowDowngrade ?? false;
  }
  set allowDowngrade(allowed: boolean) {
    this.#allowDowngrade = allowed;
  }

  /** `true` selects the channel of pre-releases, unless `channel` is set. @defaultValue true if this is a pre-release */
  get allowPrerelease(): boolean {
    return this.#allowPrerelease ?? this.currentVersion.prerelease.length > 0;
  }
  set allowPrerelease(allowed: boolean) {
    this.#allowPrerelease = allowed;
    if (allowed && this.#channel === null) this.#notices.tell('allowPrerelease');
  }

  /** @defaultValue console */
  get logger(): Logger | null {
    return this.#logger;
  }
  set logger(logger: Logger | null) {
    this.#logger = logger ?? new NoOpLogger();
  }

  /** The installed version. Setting it has no effect. */
  get currentVersion(): SemVer {
    const version = this.#surroundings.version();
    return semver.parse(version) ?? semver.coerce(version) ?? new semver.SemVer('0.0.0');
  }
  set currentVersion(_version: SemVer) {
    this.#notices.tell('currentVersion');
  }

  get requestHeaders(): OutgoingHttpHeaders | null {
    return this.#requestHeaders;
  }
  set requestHeaders(headers: OutgoingHttpHeaders | null) {
    this.#requestHeaders = headers;
    if (Object.keys(headers ?? {}).some((name) => secretHeader.test(name))) this.#notices.tell('requestHeaders');
  }

  /** The session of the updater's requests, for `setProxy` and similar calls. Available when the app is ready, as in electron-updater. */
  get netSession(): Session {
    return this.#surroundings.netSession();
  }

  /** The app's own decision; it may hold a release back. */
  get isUpdateSupported(): VerifyUpdateSupport {
    return this.#isUpdateSupported ?? acceptAll;
  }
  set isUpdateSupported(rule: VerifyUpdateSupport) {
    if (!rule || rule === acceptAll) return;
    this.#isUpdateSupported = rule;
    this.#notices.tell('isUpdateSupported');
  }

  /** The app's own decision; it may hold a release back. */
  get isUserWithinRollout(): VerifyUpdateSupport {
    return this.#isUserWithinRollout ?? acceptAll;
  }
  set isUserWithinRollout(rule: VerifyUpdateSupport) {
    if (!rule) return;
    this.#isUserWithinRollout = rule === acceptAll ? undefined : rule;
    if (rule !== acceptAll) this.#notices.tell('isUserWithinRollout');
  }

  /** Not called: publisher signatures decide. */
  get verifyUpdateCodeSignature(): VerifyUpdateCodeSignature {
    return this.#verifyUpdateCodeSignature ?? (async () => Promise.resolve(null));
  }
  set verifyUpdateCodeSignature(verify: VerifyUpdateCodeSignature) {
    this.#verifyUpdateCodeSignature = verify;
    this.#notices.tell('verifyUpdateCodeSignature');
  }

  /** Without effect. */
  get updateConfigPath(): string | null {
    return this.#updateConfigPath;
  }
  set updateConfigPath(path: string | null) {
    this.#updateConfigPath = path;
    this.#notices.tell('updateConfigPath');
  }

  /** Without effect. */
  get installDirectory(): string | undefined {
    return this.#installDirectory;
  }
  set installDirectory(path: string | undefined) {
    this.#installDirectory = path;
    if (path !== undefined) this.#notices.tell('installDirectory');
  }

  /** Without effect. */
  get previousBlockmapBaseUrlOverride(): string | null {
    return this.#previousBlockmapBaseUrlOverride;
  }
  set previousBlockmapBaseUrlOverride(url: string | null) {
    this.#previousBlockmapBaseUrlOverride = url;
    if (url !== null) this.#notices.tell('previousBlockmapBaseUrlOverride');
  }

  /** `false` in development, and if updates are off. */
  isUpdaterActive(): boolean {
    if (this.#isInDevelopment()) return false;
    try {
      const { state } = this.#flow.updater();
      return state.type !== 'disabled' || state.reason === 'misconfigured';
    } catch {
      // Active, like electron-updater without app-update.yml: a check reports the error.
      return true;
    }
  }

  /** Resolves to `null` if updates are off. Concurrent calls share one check. */
  checkForUpdates(): Promise<UpdateCheckResult | null> {
    if (this.#channel !== null && this.#allowDowngrade === undefined) this.#notices.tell('channel');
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Checks, and shows a system notification when an update is downloaded. */
  async checkForUpdatesAndNotify(
    notification: DownloadNotification = usualNotification,
  ): Promise<UpdateCheckResult | null> {
    const result = await this.checkForUpdates();
    const { downloadPromise, updateInfo } = result ?? {};
    if (downloadPromise && updateInfo) void this.#notifyAfter(downloadPromise, updateInfo, notification);
    return result;
  }

  /** Resolves to the path of the downloaded file. */
  downloadUpdate(token: CancelSignal = new CancellationToken()): Promise<string[]> {
    this.#downloading ??= this.#flow.download(token).finally(() => {
      this.#downloading = undefined;
    });
    return this.#downloading;
  }

  /**
   * Quits and installs. Starts the app again according to `isForceRunAfter` if `isSilent` is set, or else according to
   * `autoRunAppAfterInstall`. If a window vetoes, the update stays ready. Installers run silently if they can.
   */
  quitAndInstall(isSilent = false, isForceRunAfter = false): void {
    const relaunch = isSilent ? isForceRunAfter : this.autoRunAppAfterInstall;
    this.#flow.install(relaunch, () => this.#surroundings.announceQuit());
  }

  /** Takes over the channel and says that addresses come from `update.json`. A token is neither used nor logged. */
  setFeedURL(options: FeedOptions): void {
    this.#notices.tell('setFeedURL');
    this.#feedChannel = takenOver(options).channel || undefined;
  }

  getFeedURL(): string | null | undefined {
    return null;
  }

  /** The `authorization` header of requests to the addresses of `update.json`. */
  addAuthHeader(token: string): void {
    this.#notices.tell('addAuthHeader');
    this.#requestHeaders = { ...this.#requestHeaders, authorization: token };
  }

  async #check(): Promise<UpdateCheckResult | null> {
    return this.#isInDevelopment() ? null : this.#flow.check();
  }

  #isInDevelopment(): boolean {
    if (this.#surroundings.isPackaged() || this.forceDevUpdateConfig) return false;
    this.#logger.info('Skip checkForUpdates because application is not packed and dev update config is not forced');
    return true;
  }

  #wishes(): Wishes {
    return {
      forceInDevelopment: this.forceDevUpdateConfig,
      logger: () => this.#logger,
      channel: () => this.#flow.channel(),
      allowDowngrade: () => this.allowDowngrade,
      installAt: (version) => (this.autoInstallOnAppQuit && !this.#flow.holdsBack(version) ? 'quit' : 'now'),
      deltas: () => !this.disableDifferentialDownload,
      requestHeaders: () => this.#requestHeaders ?? {},
      login: (auth, callback) => {
        if (!this.emit('login', auth, callback)) callback();
      },
    };
  }

  async #notifyAfter(done: Promise<unknown>, info: UpdateInfo, texts: DownloadNotification): Promise<void> {
    const fill = (text: string): string =>
      text.replace('{appName}', this.#surroundings.appName()).replace('{version}', info.version);
    const isDownloaded = await done.then(
      () => true,
      () => false,
    );
    if (isDownloaded) this.#surroundings.notify({ title: fill(texts.title), body: fill(texts.body) });
  }
}

/** The feed options that have an effect here. */
function takenOver(options: FeedOptions): {
  readonly channel?: string | null | undefined;
  readonly requestHeaders?: OutgoingHttpHeaders | undefined;
} {
  return typeof options === 'string' ? {} : options;
}
