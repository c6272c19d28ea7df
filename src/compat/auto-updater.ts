import { EventEmitter } from 'node:events';

import semver from 'semver';

import type { Updater } from '../main/manager/updater.ts';
import { toUpdateError, UpdateError, type UpdateErrorData } from '../shared/errors.ts';
import type { InstallAt, UpdateState } from '../shared/state.ts';
import { CancellationToken } from './cancellation.ts';
import { type CompatEvent, eventsBetween, infoOf, infoOfVersion, type UpdateInfo } from './payloads.ts';
import type {
  AutoUpdater,
  AutoUpdaterApi,
  CompatLogger,
  DownloadNotification,
  UpdateCheckResult,
  UpdaterSignals,
} from './types.ts';

/** What the facade needs of its surroundings. */
export interface CompatOptions {
  /** Called on first use, with what was set until then. */
  readonly open: (settings: {
    readonly forceInDevelopment: boolean;
    readonly logger: () => CompatLogger | null;
  }) => Updater;
  /** Shows a notification of the system. */
  readonly notify: (notification: DownloadNotification) => void;
  readonly appName: () => string;
}

const usualNotification: DownloadNotification = {
  title: 'A new update is ready to install',
  body: '{appName} version {version} has been downloaded and will be automatically installed on exit',
};

/** electron-updater's `autoUpdater` over an {@link Updater}, which is opened on first use. */
export function createAutoUpdater({ open, notify, appName }: CompatOptions): AutoUpdater {
  const events = new EventEmitter();
  let opened: Updater | undefined;
  let channel: string | null = null;
  /** What the app said of older versions by name, until a check has taken it over. */
  let consent: boolean | undefined;
  let allowDowngrade = false;
  let logger: CompatLogger | null = console;
  let checking: Promise<UpdateCheckResult | null> | undefined;
  let downloading: Promise<string[]> | undefined;
  /** What was asked of the updater about installing, one after the other. */
  let installs: Promise<void> = Promise.resolve();

  function updater(): Updater {
    if (opened !== undefined) return opened;
    opened = open({ forceInDevelopment: self.forceDevUpdateConfig, logger: () => logger });
    const { version } = opened;
    let before = opened.state;
    opened.subscribe((state) => {
      const happened = eventsBetween(before, state, version);
      before = state;
      for (const event of happened) emit(event);
    });
    return opened;
  }

  function emit(event: CompatEvent): void {
    switch (event.name) {
      case 'checking-for-update':
        events.emit(event.name);
        return;
      case 'download-progress':
        events.emit(event.name, event.progress);
        return;
      case 'error':
        fail(event.error);
        return;
      case 'update-downloaded':
        if (self.autoInstallOnAppQuit) install('quit');
        events.emit(event.name, event.info);
        return;
      default:
        events.emit(event.name, event.info);
    }
  }

  /** Nobody who listens to no errors should crash by one: the log has it, as it has with electron-updater. */
  function fail(data: UpdateErrorData): void {
    const error = errorOf(data);
    logger?.error(`${error.code}: ${error.message}`);
    if (events.listenerCount('error') > 0) events.emit('error', error, error.message);
  }

  async function settled(work: Promise<unknown>): Promise<void> {
    try {
      await work;
    } catch (error) {
      fail(toUpdateError(error, 'MANAGER_UNEXPECTED').toData());
    }
  }

  function install(at: InstallAt): void {
    const known = updater();
    installs = installs.then(async () => settled(known.install(at)));
  }

  async function check(): Promise<UpdateCheckResult | null> {
    const state = await look();
    const { version } = updater();
    if (state.type === 'disabled') {
      logger?.info(`Skip checkForUpdates: ${state.message}`);
      return null;
    }
    const error = 'lastError' in state ? state.lastError : undefined;
    if (error !== undefined && state.type !== 'staged') throw errorOf(error);
    if (!('release' in state)) return resultOf(false, infoOfVersion(version));
    const result = resultOf(true, infoOf(state.release));
    if (!self.autoDownload) return result;
    const cancellationToken = new CancellationToken();
    const downloadPromise = self.downloadUpdate(cancellationToken);
    // Whoever does not look at the promise hears of a failure by the event.
    downloadPromise.catch(() => undefined);
    return { ...result, cancellationToken, downloadPromise };
  }

  /**
   * The channel that an app names is no consent to an older version, unlike with electron-updater: a replayed index would
   * do as one. `allowDowngrade = true` is, once; what the main process confirmed by `updater.setChannel` stays.
   */
  async function look(): Promise<UpdateState> {
    const known = updater();
    // Only then the channel in use is known. Why it cannot start is what the check says.
    const isReady = await known.whenReady().then(
      () => true,
      () => false,
    );
    const wanted = wantedOf(known);
    if (!isReady || known.state.type === 'disabled') return known.check();
    if (wanted === known.channel && consent === undefined) return known.check();
    const agreed = consent ?? false;
    consent = undefined;
    return known.setChannel(wanted, { allowDowngrade: agreed });
  }

  /** The administrator's choice stays, and is no error of an app that names its channel at each start. */
  function wantedOf(known: Updater): string {
    const wanted = channel === null ? known.channel : channel === 'latest' ? 'stable' : channel;
    if (known.channels.length === 0 || known.channels.includes(wanted)) return wanted;
    logger?.warn(`The channel ${wanted} cannot be chosen here; ${known.channel} stays in use.`);
    return known.channel;
  }

  async function download(
    signal: { readonly cancelled: boolean; once(event: 'cancel', listener: () => void): unknown } | undefined,
  ): Promise<string[]> {
    const known = updater();
    if (known.state.type === 'staged') return [];
    if (signal?.cancelled === true) throw cancelled();
    signal?.once('cancel', () => known.cancel());
    const state = await known.download();
    if (state.type === 'staged') return [];
    const error = 'lastError' in state ? state.lastError : state.type === 'needs-attention' ? state.error : undefined;
    throw error === undefined ? cancelled() : errorOf(error);
  }

  function withoutEffect(what: string, instead: string): void {
    logger?.warn(`autoUpdater.${what} has no effect: ${instead}`);
  }

  const signals: UpdaterSignals = {
    progress: (handler) => void events.on('download-progress', handler),
    updateDownloaded: (handler) => void events.on('update-downloaded', handler),
    updateCancelled: (handler) => void events.on('update-cancelled', handler),
  };

  const api: AutoUpdaterApi = {
    autoDownload: true,
    autoInstallOnAppQuit: true,
    get allowDowngrade() {
      return allowDowngrade;
    },
    set allowDowngrade(allowed) {
      allowDowngrade = allowed;
      consent = allowed;
    },
    forceDevUpdateConfig: false,
    signals,
    get channel() {
      return channel;
    },
    set channel(name) {
      if (typeof name !== 'string' || name === '') {
        throw new UpdateError('OPTIONS_INVALID', 'autoUpdater.channel must be the name of a channel, such as "beta".');
      }
      channel = name;
    },
    get logger() {
      return logger;
    },
    set logger(value) {
      logger = value;
    },
    get currentVersion() {
      return new semver.SemVer(updater().version);
    },
    get updater() {
      return updater();
    },
    isUpdaterActive: () => updater().state.type !== 'disabled',
    async checkForUpdates() {
      checking ??= check().finally(() => {
        checking = undefined;
      });
      return checking;
    },
    async checkForUpdatesAndNotify(notification = usualNotification) {
      const result = await self.checkForUpdates();
      const { downloadPromise, updateInfo } = result ?? {};
      if (downloadPromise && updateInfo) void notifyAfter(downloadPromise, updateInfo, notification);
      return result;
    },
    async downloadUpdate(signal) {
      downloading ??= download(signal).finally(() => {
        downloading = undefined;
      });
      return downloading;
    },
    quitAndInstall() {
      install('now');
    },
    setFeedURL: () => withoutEffect('setFeedURL', 'addresses come from update.json, which "electron-tuf init" writes.'),
    getFeedURL: () => null,
    addAuthHeader: () => withoutEffect('addAuthHeader', 'what is signed may be fetched by anybody.'),
  };

  async function notifyAfter(done: Promise<unknown>, info: UpdateInfo, texts: DownloadNotification): Promise<void> {
    const fill = (text: string): string => text.replace('{appName}', appName()).replace('{version}', info.version);
    const isDownloaded = await done.then(
      () => true,
      () => false,
    );
    if (isDownloaded) notify({ title: fill(texts.title), body: fill(texts.body) });
  }

  // Accessors stay accessors, and what an app sets is what is read above.
  const self = Object.defineProperties(events, Object.getOwnPropertyDescriptors(api)) as unknown as AutoUpdater;
  return self;
}

function resultOf(isUpdateAvailable: boolean, updateInfo: UpdateInfo): UpdateCheckResult {
  return { isUpdateAvailable, updateInfo, versionInfo: updateInfo };
}

function errorOf({ code, message, ...rest }: UpdateErrorData): UpdateError {
  return new UpdateError(code, message, rest);
}

function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The download was cancelled.');
}
