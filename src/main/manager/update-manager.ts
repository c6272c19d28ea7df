import { toUpdateError, UpdateError } from '../../shared/errors.ts';
import type {
  ChannelPreview,
  DiagnosticReport,
  DisabledReason,
  HistoryEntry,
  InstallAt,
  UpdateState,
} from '../../shared/state.ts';
import type { TrustSummary } from '../ports.ts';
import { type Automation, createAutomation } from './automation/scheduler.ts';
import { installFromBundle } from './actions/install-bundle.ts';
import { assertChoosable, channelInUse, choosableChannels, previewChannel } from './actions/channels.ts';
import { check } from './actions/check.ts';
import { type Context, learn, type ManagerOptions, timestamp } from './context.ts';
import { diagnose } from './diagnostics.ts';
import { createFetching, type Fetching } from './actions/download.ts';
import { noPolicy } from './policy/admin-policy-file.ts';
import { reconsidered } from './actions/revalidate-staged.ts';
import { longestRemindMs } from './policy/automatic-policy.ts';
import { singleFlight } from '../../shared/single-flight.ts';
import { createStaged, type Staged } from './actions/install-staged.ts';
import { startUp } from './actions/startup.ts';
import { holdState } from './state/state-store.ts';
import type { ChannelOptions, CheckOptions, InstallOptions, Updater } from './updater.ts';

export type { BundleRooms, ManagerOptions, RoomNeeds, Rooms } from './context.ts';

/** Milliseconds that `remindLater` waits unless told otherwise. */
const dayMs = 24 * 60 * 60_000;

/** The updater: each method is a wish, and every change of state goes through the machine. */
export class Manager implements Updater {
  readonly #context: Context;
  readonly #staged: Staged;
  readonly #fetching: Fetching;
  readonly #automation: Automation;
  readonly #check: (wish: { readonly manual: boolean }) => Promise<UpdateState>;
  readonly #preview: (channel: string) => Promise<ChannelPreview>;
  #checking = new AbortController();
  /** Of a scheduled check that runs. */
  #hurry: AbortController | undefined;
  #running: Promise<unknown> | undefined;
  #started: Promise<UpdateState> | undefined;

  constructor(options: ManagerOptions) {
    const holder = holdState(options.logger);
    const context: Context = {
      ...options,
      holder,
      rooms: once(() =>
        options.openRooms({
          policy: context.known.policy,
          assertWanted: async (recalled) => void (await reconsidered(context, recalled)),
        }),
      ),
      known: { policyFile: { type: 'none' }, policy: noPolicy, channel: options.defaultChannel },
    };
    this.#context = context;
    this.#staged = createStaged(context, () => this.#stopCheck());
    this.#fetching = createFetching(context, this.#staged);
    this.#automation = createAutomation(context, {
      check: () => this.check({ manual: false }),
      download: () => this.download(),
      installNow: () => this.install('now'),
      pause: () => this.#fetching.pause('policy'),
      resume: () => this.#fetching.resume(),
    });
    this.#preview = singleFlight(
      (channel) => previewChannel(context, channel),
      (one, other) => one === other,
    );
    this.#check = singleFlight(
      (wish) => this.#runCheck(wish.manual),
      (one, other) => one.manual || !other.manual,
    );
  }

  get state(): UpdateState {
    return this.#context.holder.state;
  }

  get version(): string {
    return this.#context.host.facts.version;
  }

  get channel(): string {
    return this.#context.known.channel;
  }

  get channels(): readonly string[] {
    return choosableChannels(this.#context.known, this.#context.settings.channels);
  }

  get lastTrust(): TrustSummary | undefined {
    return this.#context.known.trust;
  }

  getSnapshot(): UpdateState {
    return this.state;
  }

  subscribe(listener: (state: UpdateState) => void): () => void {
    return this.#context.holder.subscribe(listener);
  }

  /** Updates are off in this installation, for good. */
  disable(reason: DisabledReason, message: string): void {
    this.#started ??= Promise.resolve(this.state);
    this.#context.holder.apply({ type: 'disabled', reason, message });
  }

  async whenReady(): Promise<UpdateState> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** A start that failed is made again by whoever needs it next, the schedule too: what was in its way may be gone. */
  async #start(): Promise<UpdateState> {
    try {
      await startUp(this.#context, this.#staged);
    } catch (error) {
      this.#started = undefined;
      await this.#automation.start();
      throw error;
    }
    if (this.state.type !== 'disabled') await this.#automation.start();
    return this.state;
  }

  async check({ manual = true }: CheckOptions = {}): Promise<UpdateState> {
    if (manual) this.#hurry?.abort();
    return this.#check({ manual });
  }

  async #runCheck(manual: boolean): Promise<UpdateState> {
    const notReady = await failureOf(this.whenReady());
    this.#checking = new AbortController();
    this.#hurry = manual ? undefined : new AbortController();
    const hurry = this.#hurry === undefined ? {} : { hurry: this.#hurry.signal };
    const run = check(this.#context, this.#staged, {
      manual,
      signal: this.#checking.signal,
      notReady,
      ...hurry,
    });
    this.#running = run;
    const state = await run;
    this.#automation.checked(state);
    return state;
  }

  /** Ends a running check; what it would have found is found by the next one. */
  async #stopCheck(): Promise<void> {
    this.#checking.abort(new UpdateError('DOWNLOAD_CANCELLED', 'The check was stopped.'));
    await this.#running;
  }

  async download(): Promise<UpdateState> {
    return this.#fetching.download();
  }

  pause(): void {
    this.#fetching.pause('user');
  }

  resume(): void {
    this.#fetching.resume();
  }

  cancel(): void {
    this.#fetching.cancel();
  }

  async install(at: InstallAt = 'now', options: InstallOptions = {}): Promise<UpdateState> {
    return this.#staged.install(at, options.args ?? this.#context.host.facts.argv);
  }

  async installFromBundle(path: string): Promise<UpdateState> {
    await this.whenReady();
    return installFromBundle(this.#context, this.#staged, this.#fetching, path);
  }

  async skip(): Promise<UpdateState> {
    const { preferences, holder } = this.#context;
    const release = this.#offered();
    if (release.critical) {
      throw new UpdateError('MANAGER_CRITICAL', `${release.version} is critical and cannot be skipped.`);
    }
    await preferences.set({ skipped: release.version });
    this.#staged.disarm();
    if (holder.state.type === 'staged') await (await this.#context.rooms()).staging.discard();
    return holder.apply({ type: 'reset' });
  }

  async remindLater(ms: number = dayMs): Promise<UpdateState> {
    const { preferences, holder, clock } = this.#context;
    if (!(ms > 0 && ms <= longestRemindMs)) {
      throw new UpdateError('OPTIONS_INVALID', 'remindLater takes milliseconds, more than 0 and at most 90 days.');
    }
    const { version } = this.#offered();
    const until = Math.round(clock.now() + ms);
    await preferences.set({ remindLater: { version, since: Math.round(clock.now()), until } });
    const deferral = { reason: 'remind-later', until: new Date(until).toISOString() } as const;
    return holder.apply({ type: 'deferred', deferral });
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
    const { preferences, known, defaultChannel } = this.#context;
    assertChoosable(channel, this.#context);
    await preferences.set({ channel, downgradeTo: allowDowngrade ? channel : undefined });
    learn(this.#context, { channel: channelInUse(known.policy, await preferences.get(), defaultChannel) });
    return this.check();
  }

  async confirmHealthy(): Promise<void> {
    await (await this.#context.rooms()).install.confirmHealthy();
  }

  async pointOfNoReturn(): Promise<void> {
    await (await this.#context.rooms()).install.pointOfNoReturn();
  }

  async history(): Promise<readonly HistoryEntry[]> {
    // The install that has just ended is in it.
    await this.whenReady();
    return this.#context.history.list();
  }

  async diagnostics(): Promise<DiagnosticReport> {
    const { app, host, known, preferences } = this.#context;
    const install = this.state.type === 'disabled' ? undefined : (await this.#context.rooms()).install;
    return diagnose({
      app,
      host: host.facts,
      state: this.state,
      known,
      preferences: await preferences.get(),
      kind: install?.kind,
      quarantined: (await install?.quarantined()) ?? [],
      at: timestamp(this.#context),
    });
  }

  async close(): Promise<void> {
    this.#automation.stop();
    this.#fetching.cancel();
    this.#staged.disarm();
    await this.#stopCheck();
    this.#context.holder.silence();
    await this.#context.instances.leave();
  }
}

/** What could not be made is made again when it is asked for again. */
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
