import { toUpdateError } from '../../../shared/errors.ts';
import type { Deferral, UpdateState } from '../../../shared/state.ts';
import type { Context } from '../context.ts';
import { conditions } from '../actions/release-facts.ts';
import { nextAutomaticAction, deferralOf } from '../policy/automatic-policy.ts';
import { afterWake, longestWaitMs, nextCheckIn, type ScheduleFacts } from './check-schedule.ts';

export interface AutomaticActions {
  check(): Promise<unknown>;
  download(): Promise<unknown>;
  installNow(): Promise<unknown>;
  pause(): void;
  resume(): void;
}

/** Milliseconds after which conditions without an event (battery, metered network) are read again. */
const reevaluateMs = 5 * 60_000;

/**
 * Runs scheduled checks and automatic actions: one timer for checks, one for deferred actions. No timer keeps the
 * process alive.
 */
export class Scheduler {
  readonly #context: Context;
  readonly #actions: AutomaticActions;
  readonly #failures = { check: 0, download: 0 };
  /** True while a download runs that the scheduler started. */
  #downloads = false;
  /** Milliseconds since the epoch. */
  #lastTry: number | undefined;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #cancelReevaluation: (() => void) | undefined;
  #isOn = false;
  readonly #undo: (() => void)[] = [];

  constructor(context: Context, actions: AutomaticActions) {
    this.#context = context;
    this.#actions = actions;
  }

  /** Starts the schedule, unless automatic checks are off. */
  async start(): Promise<void> {
    const { settings, preferences, host, store } = this.#context;
    if (settings.everyMs === undefined || this.#isOn) return;
    this.#isOn = true;
    const { lastCheck } = await preferences.get();
    this.#lastTry = lastCheck === undefined ? undefined : Date.parse(lastCheck);
    this.#undo.push(
      host.onWake(() => this.#onWake()),
      store.subscribe((state) => this.#onState(state)),
    );
    this.#plan();
    await this.#guarded(() => this.#reevaluate());
  }

  /** Plans the next check after one has ended. */
  checked(state: UpdateState): void {
    this.#lastTry = this.#context.clock.now();
    // An obstacle to the install is not a failure of the check.
    const failed = 'lastError' in state && state.lastError?.phase !== 'install';
    this.#failures.check = failed ? this.#failures.check + 1 : 0;
    this.#plan();
  }

  stop(): void {
    this.#isOn = false;
    this.#timer?.cancel();
    this.#cancelReevaluation?.();
    for (const work of this.#undo.splice(0)) work();
  }

  #facts(everyMs: number): ScheduleFacts {
    const { clock, random } = this.#context;
    const failures = Math.max(this.#failures.check, this.#failures.download);
    return { now: clock.now(), everyMs, lastTry: this.#lastTry, failures, random: random() };
  }

  #plan(): void {
    const { everyMs } = this.#context.settings;
    if (everyMs !== undefined && this.#isOn) this.#checkIn(nextCheckIn(this.#facts(everyMs)));
  }

  #checkIn(ms: number): void {
    const { clock } = this.#context;
    this.#timer?.cancel();
    const at = clock.now() + ms;
    this.#timer = { at, cancel: clock.after(ms, () => void this.#due(ms)) };
  }

  /** Runs the check. After the longest wait, only reads the clock again. */
  async #due(waited: number): Promise<void> {
    this.#timer = undefined;
    if (waited >= longestWaitMs) return this.#plan();
    await this.#guarded(() => this.#actions.check());
    if (!this.#isPlanned()) this.#plan();
  }

  #isPlanned(): boolean {
    return this.#timer !== undefined;
  }

  #onWake(): void {
    const { clock, settings } = this.#context;
    void this.#guarded(() => this.#reevaluate());
    if (settings.everyMs === undefined) return;
    const left = this.#timer && Math.max(0, this.#timer.at - clock.now());
    const wait = afterWake(this.#facts(settings.everyMs), left);
    if (wait !== undefined) this.#checkIn(wait);
  }

  /** Reevaluates only for states that allow an automatic action, not for progress. */
  #onState(state: UpdateState): void {
    if (state.type === 'available' || state.type === 'staged') {
      queueMicrotask(() => void this.#guarded(() => this.#reevaluate()));
    }
  }

  /** Performs the automatic action that is due now, and clears a deferral that has ended. */
  async #reevaluate(): Promise<void> {
    const { store, settings } = this.#context;
    this.#cancelReevaluation?.();
    this.#cancelReevaluation = undefined;
    const { state } = store;
    if (!this.#isOn || !('release' in state)) return;
    const now = await conditions(this.#context);
    if (!this.#mayAct(state)) return;
    const deferral = deferralOf(state.release, settings.policy, now);
    if (deferral !== undefined || this.#downloads) this.#reevaluateIn(waitFor(deferral, now.now));
    await this.#act(state, nextAutomaticAction(state, settings.policy, deferral), deferral);
  }

  /** True if the state did not change while the conditions were read. */
  #mayAct(state: UpdateState): boolean {
    return this.#isOn && this.#context.store.state === state;
  }

  #reevaluateIn(ms: number): void {
    this.#cancelReevaluation?.();
    this.#cancelReevaluation = this.#context.clock.after(ms, () => void this.#guarded(() => this.#reevaluate()));
  }

  async #act(
    state: UpdateState,
    step: ReturnType<typeof nextAutomaticAction>,
    deferral: Deferral | undefined,
  ): Promise<void> {
    if (step === 'download') return this.#download();
    if (step === 'install-now') return this.#guarded(() => this.#actions.installNow());
    // A download that the user started is not paused automatically.
    if (step === 'pause' && this.#downloads) this.#actions.pause();
    if (step === 'resume' && this.#downloads) this.#actions.resume();
    if (step === 'nothing' && deferral === undefined && 'deferred' in state) {
      this.#context.store.dispatch({ type: 'deferred', deferral: undefined });
    }
  }

  async #download(): Promise<void> {
    this.#downloads = true;
    this.#reevaluateIn(reevaluateMs);
    await this.#guarded(() => this.#actions.download());
    this.#downloads = false;
    const { state } = this.#context.store;
    const failed = state.type === 'available' && state.lastError !== undefined && state.lastError.phase !== 'install';
    this.#failures.download = failed ? this.#failures.download + 1 : 0;
    if (!failed) return;
    this.#lastTry = this.#context.clock.now();
    this.#plan();
  }

  async #guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
      this.#context.logger.warn(`automatic update: ${code} ${message}`);
    }
  }
}

/** Milliseconds until a deferral is evaluated again. */
function waitFor(deferral: Deferral | undefined, now: number): number {
  if (deferral?.until === undefined) return reevaluateMs;
  return Math.min(Math.max(Date.parse(deferral.until) - now, 1000), longestWaitMs);
}
