import { toUpdateError } from '../../../shared/errors.ts';
import type { Deferral, UpdateState } from '../../../shared/state.ts';
import type { Context } from '../context.ts';
import { conditions } from '../actions/release-facts.ts';
import { nextAutomaticAction, deferralOf } from '../policy/automatic-policy.ts';
import { afterWake, longestWaitMs, nextCheckIn, type ScheduleFacts } from './check-schedule.ts';

/** What the manager does by itself. */
export interface Scheduler {
  /** Milliseconds between checks begin to count. */
  start(): Promise<void>;
  /** A check ended: when is the next one? */
  checked(state: UpdateState): void;
  stop(): void;
}

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
export function createScheduler(context: Context, actions: AutomaticActions): Scheduler {
  const { clock, host, store, settings, preferences, random, logger } = context;
  const { everyMs } = settings;
  const failures = { check: 0, download: 0 };
  let downloads = false;
  let lastTry: number | undefined;
  let timer: { readonly at: number; readonly cancel: () => void } | undefined;
  let cancelLook: (() => void) | undefined;
  let isOn = false;
  const undo: (() => void)[] = [];

  const facts = (interval: number): ScheduleFacts => ({
    now: clock.now(),
    everyMs: interval,
    lastTry,
    failures: Math.max(failures.check, failures.download),
    random: random(),
  });

  function checkIn(ms: number): void {
    timer?.cancel();
    const at = clock.now() + ms;
    timer = { at, cancel: clock.after(ms, () => void due(ms)) };
  }

  /** The longest wait only looks at the clock again. */
  async function due(waited: number): Promise<void> {
    timer = undefined;
    if (waited >= longestWaitMs) return plan();
    await guarded(() => actions.check());
    if (timer === undefined) plan();
  }

  function plan(): void {
    if (everyMs !== undefined && isOn) checkIn(nextCheckIn(facts(everyMs)));
  }

  function onWake(): void {
    void guarded(reevaluate);
    if (everyMs === undefined) return;
    const wait = afterWake(facts(everyMs), timer && Math.max(0, timer.at - clock.now()));
    if (wait !== undefined) checkIn(wait);
  }

  /** Does what may be done by itself now, and says in the state what is not put off any more. */
  async function reevaluate(): Promise<void> {
    cancelLook?.();
    cancelLook = undefined;
    const { state } = store;
    if (!isOn || !('release' in state)) return;
    const now = await conditions(context);
    if (!isOn || store.state !== state) return;
    const deferral = deferralOf(state.release, settings.policy, now);
    if (deferral !== undefined || downloads) lookIn(waitFor(deferral, now.now));
    await act(state, nextAutomaticAction(state, settings.policy, deferral), deferral);
  }

  function lookIn(ms: number): void {
    cancelLook?.();
    cancelLook = clock.after(ms, () => void guarded(reevaluate));
  }

  async function act(
    state: UpdateState,
    step: ReturnType<typeof nextAutomaticAction>,
    deferral: Deferral | undefined,
  ): Promise<void> {
    if (step === 'download') return download();
    if (step === 'install-now') return guarded(() => actions.installNow());
    // What a person started, a person stops.
    if (step === 'pause' && downloads) actions.pause();
    if (step === 'resume' && downloads) actions.resume();
    if (step === 'nothing' && deferral === undefined && 'deferred' in state) {
      store.dispatch({ type: 'deferred', deferral: undefined });
    }
  }

  async function download(): Promise<void> {
    downloads = true;
    lookIn(lookAgainMs);
    await guarded(() => actions.download());
    downloads = false;
    const { state } = store;
    const failed = state.type === 'available' && state.lastError !== undefined;
    failures.download = failed ? failures.download + 1 : 0;
    if (!failed) return;
    lastTry = clock.now();
    plan();
  }

  async function guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
      logger.warn(`automatic update: ${code} ${message}`);
    }
  }

  /** Only a change of kind is a reason to look: progress is not. */
  function onState(state: UpdateState): void {
    if (state.type === 'available' || state.type === 'staged') queueMicrotask(() => void guarded(reevaluate));
  }

  return {
    async start() {
      if (everyMs === undefined || isOn) return;
      isOn = true;
      const { lastCheck } = await preferences.get();
      lastTry = lastCheck === undefined ? undefined : Date.parse(lastCheck);
      undo.push(host.onWake(onWake), store.subscribe(onState));
      plan();
      await guarded(reevaluate);
    },
    checked(state) {
      lastTry = clock.now();
      failures.check = 'lastError' in state ? failures.check + 1 : 0;
      plan();
    },
    stop() {
      isOn = false;
      timer?.cancel();
      cancelLook?.();
      for (const work of undo.splice(0)) work();
    },
  };
}

/** Milliseconds until it is worth to look again at what was put off. */
function waitFor(deferral: Deferral | undefined, now: number): number {
  if (deferral?.until === undefined) return lookAgainMs;
  return Math.min(Math.max(Date.parse(deferral.until) - now, 1000), longestWaitMs);
}
