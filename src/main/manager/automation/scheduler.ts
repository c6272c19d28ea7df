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

/** Milliseconds after which conditions that nobody announces (battery, metered network) are looked at again. */
const lookAgainMs = 5 * 60_000;

/** Runs the schedule and the policy: one timer for checks, one for what was put off. No timer keeps the process alive. */
export class Scheduler {
  readonly #context: Context;
  readonly #actions: AutomaticActions;
  readonly #failures = { check: 0, download: 0 };
  /** A download that the scheduler started runs. */
  #downloads = false;
  /** Milliseconds since the epoch. */
  #lastTry: number | undefined;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #cancelLook: (() => void) | undefined;
  #isOn = false;
  readonly #undo: (() => void)[] = [];

  constructor(context: Context, actions: AutomaticActions) {
    this.#context = context;
    this.#actions = actions;
  }

  /** Milliseconds between checks begin to count. */
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

  /** A check ended: when is the next one? */
  checked(state: UpdateState): void {
    this.#lastTry = this.#context.clock.now();
    // What keeps an installation from being replaced is no failure of the check.
    const failed = 'lastError' in state && state.lastError?.phase !== 'install';
    this.#failures.check = failed ? this.#failures.check + 1 : 0;
    this.#plan();
  }

  stop(): void {
    this.#isOn = false;
    this.#timer?.cancel();
    this.#cancelLook?.();
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

  /** The longest wait only looks at the clock again. */
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

  /** Only a change of kind is a reason to look: progress is not. */
  #onState(state: UpdateState): void {
    if (state.type === 'available' || state.type === 'staged') {
      queueMicrotask(() => void this.#guarded(() => this.#reevaluate()));
    }
  }

  /** Does what may be done by itself now, and says in the state what is not put off any more. */
  async #reevaluate(): Promise<void> {
    const { store, settings } = this.#context;
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const { state } = store;
    if (!this.#isOn || !('release' in state)) return;
    const now = await conditions(this.#context);
    if (!this.#mayAct(state)) return;
    const deferral = deferralOf(state.release, settings.policy, now);
    if (deferral !== undefined || this.#downloads) this.#lookIn(waitFor(deferral, now.now));
    await this.#act(state, nextAutomaticAction(state, settings.policy, deferral), deferral);
  }

  /** Still, after waiting? */
  #mayAct(state: UpdateState): boolean {
    return this.#isOn && this.#context.store.state === state;
  }

  #lookIn(ms: number): void {
    this.#cancelLook?.();
    this.#cancelLook = this.#context.clock.after(ms, () => void this.#guarded(() => this.#reevaluate()));
  }

  async #act(
    state: UpdateState,
    step: ReturnType<typeof nextAutomaticAction>,
    deferral: Deferral | undefined,
  ): Promise<void> {
    if (step === 'download') return this.#download();
    if (step === 'install-now') return this.#guarded(() => this.#actions.installNow());
    // What a person started, a person stops.
    if (step === 'pause' && this.#downloads) this.#actions.pause();
    if (step === 'resume' && this.#downloads) this.#actions.resume();
    if (step === 'nothing' && deferral === undefined && 'deferred' in state) {
      this.#context.store.dispatch({ type: 'deferred', deferral: undefined });
    }
  }

  async #download(): Promise<void> {
    this.#downloads = true;
    this.#lookIn(lookAgainMs);
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

/** Milliseconds until it is worth to look again at what was put off. */
function waitFor(deferral: Deferral | undefined, now: number): number {
  if (deferral?.until === undefined) return lookAgainMs;
  return Math.min(Math.max(Date.parse(deferral.until) - now, 1000), longestWaitMs);
}
