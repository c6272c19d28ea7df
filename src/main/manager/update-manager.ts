import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import { dayMs } from '../../shared/durations.ts';
import type { Explanation } from '../../shared/explanation.ts';
import type {
  ChannelPreview,
  DiagnosticReport,
  DisabledReason,
  HistoryEntry,
  InstallAt,
  ListedRelease,
  UpdateState,
} from '../../shared/state.ts';
import type { Installer, TrustSummary } from '../ports.ts';
import { Scheduler } from './automation/scheduler.ts';
import { installFromBundle } from './actions/install-bundle.ts';
import { assertChoosable, choosableChannels, learnChannel, previewChannel } from './actions/channels.ts';
import { check } from './actions/check.ts';
import { type Context, type ManagerOptions, type Services, timestamp } from './context.ts';
import { diagnose } from './diagnostics.ts';
import { createDownloadAction, type DownloadAction } from './actions/download.ts';
import { noPolicy } from './policy/admin-policy-file.ts';
import { assertStillOffered } from './actions/revalidate-staged.ts';
import { longestRemindMs } from './policy/automatic-policy.ts';
import { singleFlight } from '../../shared/single-flight.ts';
import { StagedInstall } from './actions/install-staged.ts';
import { startUp } from './actions/startup.ts';
import { StateStore } from './state/state-store.ts';
import type { ChannelOptions, CheckOptions, InstallOptions, Updater } from './updater.ts';

export type { BundleServices, ManagerOptions, ServiceNeeds, Services } from './context.ts';

/** The updater. Its methods run actions, and every state change goes through the state machine. */
export class UpdateManager implements Updater {
  readonly #context: Context;
  readonly #staged: StagedInstall;
  readonly #download: DownloadAction;
  readonly #scheduler: Scheduler;
  readonly #check: (request: Required<CheckOptions>) => Promise<UpdateState>;
  readonly #preview: (channel: string) => Promise<ChannelPreview>;
  #checking = new AbortController();
  /** Ends the waiting of a running scheduled check. */
  #skipWait: AbortController | undefined;
  #running: Promise<unknown> | undefined;
  #started: Promise<UpdateState> | undefined;
  /** Set once the services are open. */
  #services: Services | undefined;
  #isClosed = false;

  constructor(options: ManagerOptions) {
    const store = new StateStore(
      { phase: { type: 'idle' }, policyFile: { type: 'none' }, policy: noPolicy, channel: options.defaultChannel },
      options.logger,
    );
    const context: Context = {
      ...options,
      store,
      services: once(async () => {
        const services = await options.createServices({
          policy: store.internal.policy,
          assertWanted: async (recalled) => void (await assertStillOffered(context, recalled)),
        });
        this.#services = services;
        if (this.#isClosed) await services.close();
        return services;
      }),
    };
    this.#context = context;
    this.#staged = new StagedInstall(context, () => this.#stopCheck());
    this.#download = createDownloadAction(context, this.#staged);
    this.#scheduler = new Scheduler(context, {
      check: () => this.check({ manual: false }),
      download: () => this.download(),
      installNow: () => this.install('now'),
      pause: () => this.#download.pause('policy'),
      resume: () => this.#download.resume(),
    });
    this.#preview = singleFlight(
      (channel) => previewChannel(context, channel),
      (one, other) => one === other,
    );
    this.#check = singleFlight(
      (request) => this.#runCheck(request),
      (one, other) => one.manual || !other.manual,
    );
  }

  get state(): UpdateState {
    return this.#context.store.state;
  }

  get version(): string {
    return this.#context.host.facts.version;
  }

  get channel(): string {
    return this.#context.store.internal.channel;
  }

  get channels(): readonly string[] {
    return choosableChannels(this.#context.store.internal.policy, this.#context.settings.channels);
  }

  get lastReleases(): readonly ListedRelease[] {
    return this.#context.store.internal.search?.listed ?? [];
  }

  async stagedFile(): Promise<string | undefined> {
    if (this.state.type !== 'staged' && this.state.type !== 'needs-attention') return undefined;
    return (await (await this.#context.services()).staging.current())?.path;
  }

  get lastTrust(): TrustSummary | undefined {
    return this.#context.store.internal.trust;
  }

  getSnapshot(): UpdateState {
    return this.state;
  }

  subscribe(listener: (state: UpdateState) => void): () => void {
    return this.#context.store.subscribe(listener);
  }

  /** Turns updates off in this process. */
  disable(reason: DisabledReason, explanation: Explanation): void {
    this.#started ??= Promise.resolve(this.state);
    this.#context.store.dispatch({ type: 'disabled', reason, explanation });
  }

  async whenReady(): Promise<UpdateState> {
    // Work that waits for the first window may run after `close()`.
    if (this.#isClosed && this.#started === undefined) return this.state;
    this.#started ??= this.#start();
    return this.#started;
  }

  /** After a failed start, the next call or scheduled check tries again, because the cause may be gone. */
  async #start(): Promise<UpdateState> {
    try {
      await startUp(this.#context, this.#staged);
    } catch (error) {
      this.#started = undefined;
      await this.#scheduler.start();
      throw error;
    }
    if (this.state.type !== 'disabled') await this.#scheduler.start();
    return this.state;
  }

  async check({ manual = true, patience = manual ? 'quick' : 'long' }: CheckOptions = {}): Promise<UpdateState> {
    if (patience === 'quick') this.#skipWait?.abort();
    return this.#check({ manual, patience });
  }

  async #runCheck({ manual, patience }: Required<CheckOptions>): Promise<UpdateState> {
    const notReady = await failureOf(this.whenReady());
    this.#checking = new AbortController();
    this.#skipWait = patience === 'quick' ? undefined : new AbortController();
    const skipWaitSignal = this.#skipWait === undefined ? {} : { skipWaitSignal: this.#skipWait.signal };
    const run = check(this.#context, this.#staged, {
      manual,
      patience,
      signal: this.#checking.signal,
      notReady,
      ...skipWaitSignal,
    });
    this.#running = run;
    const state = await run;
    this.#scheduler.checked(state);
    return state;
  }

  /** Cancels a running check and waits for its end. */
  async #stopCheck(): Promise<void> {
    this.#checking.abort(new UpdateError('CANCELLED', 'The check was stopped.'));
    await this.#running;
  }

  async download(): Promise<UpdateState> {
    return this.#download.download();
  }

  pause(): void {
    this.#download.pause('user');
  }

  resume(): void {
    this.#download.resume();
  }

  cancel(): void {
    this.#download.cancel();
  }

  async install(at: InstallAt = 'now', options: InstallOptions = {}): Promise<UpdateState> {
    const { relaunch = true, args = this.#context.host.facts.argv } = options;
    return this.#staged.install(at, relaunch ? args : undefined);
  }

  async installFromBundle(path: string): Promise<UpdateState> {
    await this.whenReady();
    return installFromBundle(this.#context, this.#staged, this.#download, path);
  }

  async skip(): Promise<UpdateState> {
    const { preferences, store } = this.#context;
    const release = this.#offered();
    if (release.critical) {
      throw new UpdateError('MANAGER_CRITICAL', `${release.version} is critical and cannot be skipped.`);
    }
    await preferences.set({ skipped: release.version });
    this.#staged.unscheduleInstall();
    if (store.state.type === 'staged') await (await this.#context.services()).staging.discard();
    return store.dispatch({ type: 'reset' });
  }

  async remindLater(ms: number = dayMs): Promise<UpdateState> {
    const { preferences, store, clock } = this.#context;
    if (!(ms > 0 && ms <= longestRemindMs)) {
      throw new UpdateError('OPTIONS_INVALID', 'remindLater takes milliseconds, more than 0 and at most 90 days.');
    }
    const { version } = this.#offered();
    const until = Math.round(clock.now() + ms);
    await preferences.set({ remindLater: { version, since: Math.round(clock.now()), until } });
    const deferral = { reason: 'remind-later', until: new Date(until).toISOString() } as const;
    return store.dispatch({ type: 'deferred', deferral });
  }

  #offered(): { readonly version: string; readonly critical: boolean } {
    const { state } = this;
    if (state.type === 'available' || state.type === 'staged') return state.release;
    throw new UpdateError('MANAGER_WRONG_STATE', 'There is no update to decide about. Check for updates first.');
  }

  async previewChannel(channel: string): Promise<ChannelPreview> {
    await this.whenReady();
    return this.#preview(assertChoosable(channel, this.#context));
  }

  async setChannel(channel: string, { allowDowngrade = false }: ChannelOptions = {}): Promise<UpdateState> {
    await this.whenReady();
    const { preferences } = this.#context;
    assertChoosable(channel, this.#context);
    await preferences.set({ channel, downgradeTo: allowDowngrade ? channel : undefined });
    await learnChannel(this.#context);
    return this.check();
  }

  async confirmHealthy(): Promise<void> {
    const install = await this.#recovered();
    await install?.confirmHealthy();
    this.#context.host.confirmed?.();
  }

  async pointOfNoReturn(): Promise<void> {
    await (await this.#recovered())?.pointOfNoReturn();
  }

  /** The installer, once the recovery at start has determined whether this run must confirm an install. */
  async #recovered(): Promise<Installer | undefined> {
    await this.whenReady();
    const { state } = this;
    const isUnknown = state.type === 'disabled' && withoutRecovery.includes(state.reason);
    return isUnknown ? undefined : (await this.#context.services()).install;
  }

  async history(): Promise<readonly HistoryEntry[]> {
    // The start adds the install that has just ended to the history.
    await this.whenReady();
    return this.#context.history.list();
  }

  async diagnostics(): Promise<DiagnosticReport> {
    const { app, host, store, preferences } = this.#context;
    const install = this.state.type === 'disabled' ? undefined : (await this.#context.services()).install;
    return diagnose({
      app,
      host: host.facts,
      state: this.state,
      facts: store.internal,
      preferences: await preferences.get(),
      kind: install?.kind,
      quarantined: (await install?.quarantined()) ?? [],
      at: timestamp(this.#context),
    });
  }

  async close(): Promise<void> {
    this.#scheduler.stop();
    this.#download.cancel();
    this.#staged.unscheduleInstall();
    this.#isClosed = true;
    // Requests that no signal ends, such as those of previewChannel(), end with their client.
    await this.#services?.close();
    await this.#stopCheck();
    this.#context.store.removeListeners();
    await this.#context.instances.leave();
  }
}

/** Reasons that turn updates off before the recovery. */
const withoutRecovery: readonly DisabledReason[] = ['development', 'misconfigured'];

/** Calls `make` once and shares its result. After a failure, the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

async function failureOf(work: Promise<unknown>): Promise<UpdateError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return toUpdateError(error, 'MANAGER_UNEXPECTED');
  }
}
