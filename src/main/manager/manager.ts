import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import type { PlatformTarget } from '../../shared/platform-target.ts';
import type { Release } from '../../shared/release-index.ts';
import type {
  ChannelPreview,
  DiagnosticReport,
  DisabledReason,
  HistoryEntry,
  InstallAt,
  Progress,
  ReleaseSummary,
  UpdateState,
} from '../../shared/state.ts';
import { assertChannel } from '../../shared/target-path.ts';
import type {
  AppHost,
  Clock,
  DownloadRoom,
  DownloadTask,
  InstallRoom,
  Launch,
  Logger,
  ReleaseQuery,
  Spawn,
  StagedUpdate,
  StagingRoom,
  TrustedRelease,
  TrustRoom,
  TrustSummary,
} from '../ports.ts';
import { archOrder, type ReleaseFacts, selectRelease } from '../release/index.ts';
import { requestOf } from './download-request.ts';
import { transition, type UpdateEvent } from './machine.ts';
import type { PreferenceStore } from './preferences.ts';
import type { ChannelOptions, CheckOptions, Updater } from './updater.ts';

/** The rooms that a manager works with. */
export interface Rooms {
  readonly trust: TrustRoom;
  readonly download: DownloadRoom;
  readonly staging: StagingRoom;
  readonly install: InstallRoom;
}

export interface ManagerOptions {
  readonly app: string;
  /** The build's channel, until the user chooses another. */
  readonly defaultChannel: string;
  readonly versionFloor?: string;
  readonly host: AppHost;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly spawn: Spawn;
  readonly preferences: PreferenceStore;
  /** Called once, on first use: nothing is loaded before it is needed. */
  readonly openRooms: () => Promise<Rooms>;
}

/** Runs the effects; every change of state goes through the machine. */
export class Manager implements Updater {
  readonly #options: ManagerOptions;
  readonly #listeners = new Set<(state: UpdateState) => void>();
  #state: UpdateState = { type: 'idle' };
  #rooms: Promise<Rooms> | undefined;
  #checking: Promise<UpdateState> | undefined;
  #offer: TrustedRelease | undefined;
  /** What the offer's download would transfer. */
  #planned: { readonly downloadSize: number } | undefined;
  #task: DownloadTask | undefined;
  #channel: string;
  #lastTrust: TrustSummary | undefined;
  #cancelQuitInstall: (() => void) | undefined;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#channel = options.defaultChannel;
  }

  get state(): UpdateState {
    return this.#state;
  }

  get version(): string {
    return this.#options.host.facts.version;
  }

  get channel(): string {
    return this.#channel;
  }

  get lastTrust(): TrustSummary | undefined {
    return this.#lastTrust;
  }

  getSnapshot(): UpdateState {
    return this.#state;
  }

  subscribe(listener: (state: UpdateState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Updates are off in this installation, for good. */
  disable(reason: DisabledReason, message: string): void {
    this.#apply({ type: 'disabled', reason, message });
  }

  /** At start, before anything else: finishes or undoes an interrupted install, and installs what waited for it. */
  async start(): Promise<void> {
    const preferences = await this.#options.preferences.get();
    this.#channel = preferences.channel ?? this.#options.defaultChannel;
    const { install, staging } = await this.#open();
    const recovery = await install.recover();
    this.#options.host.onQuit(() => install.noteQuit());
    if (recovery.type === 'rolled-back' && recovery.launch !== undefined) {
      const { execPath, args, env } = recovery.launch;
      this.#options.host.stepAside?.();
      await this.#options.spawn.detach(execPath, args, { env });
      this.#options.host.exit(0);
      return;
    }
    if (recovery.type === 'rolled-back') {
      this.#apply({ ...recovery, type: 'rolled-back' });
    }
    if (recovery.type === 'installed') {
      await this.#options.preferences.set({ installAtNextLaunch: false });
      await staging.discard();
    }
    const verdict = await install.canInstall();
    if (!verdict.ok && verdict.state === 'disabled' && this.#state.type === 'idle') {
      this.disable(verdict.reason ?? 'unsupported', `${verdict.what} ${verdict.how}`);
      return;
    }
    const staged = await staging.current();
    if (staged !== undefined && preferences.installAtNextLaunch === true && recovery.type === 'nothing') {
      await this.#options.preferences.set({ installAtNextLaunch: false });
      this.#apply({ type: 'staged', release: summaryOfStaged(staged), installAt: 'next-launch' });
      await this.install('now');
    }
  }

  get channels(): readonly string[] {
    return [];
  }

  async skip(): Promise<UpdateState> {
    return notYet('skip');
  }

  async remindLater(): Promise<UpdateState> {
    return notYet('remindLater');
  }

  async installFromBundle(): Promise<UpdateState> {
    return notYet('installFromBundle');
  }

  async previewChannel(): Promise<ChannelPreview> {
    return notYet('previewChannel');
  }

  async pointOfNoReturn(): Promise<void> {
    await (await this.#open()).install.pointOfNoReturn();
  }

  async history(): Promise<readonly HistoryEntry[]> {
    return notYet('history');
  }

  async diagnostics(): Promise<DiagnosticReport> {
    return notYet('diagnostics');
  }

  async check(_options?: CheckOptions): Promise<UpdateState> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<UpdateState> {
    const before = this.#state;
    if (before.type === 'disabled' || before.type === 'downloading' || before.type === 'installing') return before;
    this.#apply({ type: 'check-started' });
    try {
      const rooms = await this.#open();
      this.#lastTrust = await rooms.trust.refresh();
      const offer = await this.#findOffer(rooms);
      const at = new Date(this.#options.clock.now()).toISOString();
      await this.#options.preferences.set({ lastCheck: at });
      await this.#settleCheck(rooms, offer, at);
    } catch (error) {
      const failure = toUpdateError(error, 'MANAGER_UNEXPECTED');
      this.#options.logger.warn(`check failed: ${failure.code} ${failure.message}`);
      const { lastCheck } = await this.#options.preferences.get();
      this.#apply({ type: 'check-failed', error: failure.toData(), ...(lastCheck === undefined ? {} : { lastCheck }) });
    }
    return this.#state;
  }

  /** Keeps what is staged only while it is what would be offered. */
  async #settleCheck(rooms: Rooms, offer: TrustedRelease | undefined, at: string): Promise<void> {
    const staged = await rooms.staging.current();
    this.#offer = offer;
    if (offer !== undefined && staged?.version === offer.release.version && staged.kind === offer.artifact.kind) {
      this.#apply({ type: 'staged', release: summaryOf(offer.release, offer.query), installAt: 'quit' });
      return;
    }
    if (staged !== undefined) await rooms.staging.discard();
    if (offer === undefined) {
      this.#apply({ type: 'check-found-nothing', at });
      return;
    }
    const { downloadSize, fullSize } = await rooms.download.plan(await requestOf(offer, rooms));
    this.#planned = { downloadSize };
    this.#apply({ type: 'found', release: summaryOf(offer.release, offer.query), downloadSize, fullSize });
  }

  async #findOffer(rooms: Rooms): Promise<TrustedRelease | undefined> {
    const { facts } = this.#options.host;
    const releaseFacts: ReleaseFacts = {
      installed: facts.version,
      kinds: rooms.install.kind === undefined ? [] : [rooms.install.kind],
      nativeArch: facts.nativeArch,
      arch: facts.arch,
      systemVersion: facts.systemVersion,
      now: this.#options.clock.now(),
      installId: (await this.#options.preferences.get()).installId,
      quarantined: await rooms.install.quarantined(),
      ...(this.#options.versionFloor === undefined ? {} : { versionFloor: this.#options.versionFloor }),
    };
    const query = this.#query(releaseFacts);
    const index = await rooms.trust.releaseIndex(query);
    const selection = selectRelease(index, releaseFacts);
    if (selection.type === 'none') return undefined;
    return rooms.trust.artifact(query, selection.release, selection.artifact, { installed: facts.version });
  }

  #query(facts: ReleaseFacts): ReleaseQuery {
    const arch = archOrder(facts)[0] ?? 'x64';
    const platform = this.#options.host.facts.platform as PlatformTarget['platform'];
    return { app: this.#options.app, channel: this.#channel, target: { platform, arch } };
  }

  async download(): Promise<UpdateState> {
    const offer = this.#offer;
    if (this.#state.type !== 'available' || offer === undefined) {
      throw new UpdateError('MANAGER_WRONG_STATE', 'There is no update to download. Check for updates first.');
    }
    this.#apply({ type: 'download-started', progress: noProgress(offer.target.length) });
    try {
      const rooms = await this.#open();
      const { download, staging } = rooms;
      const request = await requestOf(offer, rooms);
      this.#task = download.start({ ...request, onProgress: (progress) => this.#onProgress(progress) });
      const file = await this.#task.done;
      this.#apply({ type: 'verify-started' });
      await staging.stage(file, offer);
      this.#apply({ type: 'staged', release: summaryOf(offer.release, offer.query), installAt: 'quit' });
    } catch (error) {
      this.#onDownloadError(offer, toUpdateError(error, 'MANAGER_UNEXPECTED'));
    } finally {
      this.#task = undefined;
    }
    return this.#state;
  }

  #onProgress(progress: Progress): void {
    if (this.#state.type === 'downloading') this.#apply({ type: 'progressed', progress });
  }

  #onDownloadError(offer: TrustedRelease, error: UpdateError): void {
    if (error.code === 'DOWNLOAD_CANCELLED') {
      const { length: fullSize } = offer.target;
      const { downloadSize } = this.#planned ?? { downloadSize: fullSize };
      this.#apply({ type: 'found', release: summaryOf(offer.release, offer.query), downloadSize, fullSize });
      return;
    }
    this.#options.logger.warn(`download failed: ${error.code} ${error.message}`);
    this.#apply({ type: 'download-failed', error: error.toData() });
  }

  pause(): void {
    this.#apply({ type: 'paused', reason: 'user' });
    this.#task?.pause();
  }

  resume(): void {
    this.#apply({ type: 'resumed' });
    this.#task?.resume();
  }

  cancel(): void {
    this.#task?.cancel();
  }

  async install(at: InstallAt = 'now'): Promise<UpdateState> {
    const state = this.#state;
    if (state.type !== 'staged' && state.type !== 'needs-attention') {
      throw new UpdateError('MANAGER_WRONG_STATE', 'There is no staged update to install. Download it first.');
    }
    this.#cancelQuitInstall?.();
    this.#cancelQuitInstall = undefined;
    if (at === 'now') return this.#installNow(this.#options.host.facts.argv);
    if (at === 'next-launch') await this.#options.preferences.set({ installAtNextLaunch: true });
    else this.#cancelQuitInstall = this.#options.host.onQuit(() => this.#installOnQuit());
    this.#apply({ type: 'staged', release: state.release, installAt: at });
    return this.#state;
  }

  async #installOnQuit(): Promise<void> {
    if (this.#options.host.isShuttingDown()) return;
    await this.#runInstall(undefined);
  }

  async #installNow(relaunch: readonly string[]): Promise<UpdateState> {
    const launch = await this.#runInstall(relaunch);
    if (launch === undefined) return this.#state;
    await this.#startNewVersion(launch);
    return this.#state;
  }

  /** Watches the first start of the new version as long as it takes, and ends this process. */
  async #startNewVersion(launch: Launch): Promise<void> {
    const { host, logger } = this.#options;
    host.stepAside?.();
    const start = await (await this.#open()).install.launch(launch);
    logger.info(`first start: ${start.type}`);
    host.exit(0);
  }

  async #runInstall(relaunch: readonly string[] | undefined) {
    const { install, staging } = await this.#open();
    this.#apply({ type: 'install-started' });
    try {
      const staged = await staging.current();
      if (staged === undefined) throw new UpdateError('STAGE_NOTHING', 'No update is staged. Check for updates again.');
      return (await install.install(staged, relaunch)).launch;
    } catch (error) {
      const failure = toUpdateError(error, 'INSTALL_FAILED');
      this.#options.logger.error(`install failed: ${failure.code} ${failure.message}`);
      this.#apply({ type: 'install-failed', error: failure.toData() });
      return undefined;
    }
  }

  async setChannel(channel: string, _options?: ChannelOptions): Promise<UpdateState> {
    this.#channel = assertChannel(channel);
    await this.#options.preferences.set({ channel });
    return this.check();
  }

  async confirmHealthy(): Promise<void> {
    await (await this.#open()).install.confirmHealthy();
  }

  async close(): Promise<void> {
    this.#task?.cancel();
    this.#cancelQuitInstall?.();
    this.#listeners.clear();
    await this.#checking;
  }

  async #open(): Promise<Rooms> {
    this.#rooms ??= this.#options.openRooms();
    return this.#rooms;
  }

  #apply(event: UpdateEvent): void {
    this.#state = transition(this.#state, event);
    for (const listener of this.#listeners) listener(this.#state);
  }
}

function summaryOf(release: Release, query: ReleaseQuery): ReleaseSummary {
  const { version, releasedAt, notes, critical } = release;
  return { version, channel: query.channel, releasedAt, notes, critical };
}

function summaryOfStaged(staged: StagedUpdate): ReleaseSummary {
  return {
    version: staged.version,
    channel: staged.query.channel,
    releasedAt: staged.stagedAt,
    notes: {},
    critical: false,
  };
}

function noProgress(total: number): Progress {
  return { phase: 'download', received: 0, total, saved: 0, bytesPerSecond: 0 };
}

function notYet(method: string): never {
  throw new UpdateError('MANAGER_UNEXPECTED', `${method} is declared, and not written yet.`);
}
