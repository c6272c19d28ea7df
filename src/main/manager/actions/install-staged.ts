import { errorCodes } from '../../../shared/error-table.ts';
import { textOf, UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../../../shared/errors.ts';
import { inEnglish } from '../../../shared/explanation.ts';
import type { InstallAt, ReleaseSummary, UpdateState } from '../../../shared/state.ts';
import type { InstallOutcome } from '../../ports.ts';
import type { Context } from '../context.ts';
import { conditions } from './release-facts.ts';
import { type InstallBlocker, findInstallBlocker } from './install-blockers.ts';
import { defaultInstallAt, deferralOf } from '../policy/automatic-policy.ts';
import { attemptInstall, installOnce } from './install-attempt.ts';

/** What waits to be installed, and when that happens. */
export interface StagedInstall {
  /**
   * The state is `staged`, to be installed when the user said, else when the settings say; or `needs-attention` when
   * this installation cannot be replaced as it is.
   */
  markStaged(summary: ReleaseSummary, manual: boolean, lastError?: UpdateErrorData): Promise<UpdateState>;
  /** Nothing is installed when the app quits. */
  unscheduleInstall(): void;
  /** @param args of the relaunched app; `undefined` when it is not started again @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_POLICY` */
  install(at: InstallAt, args: readonly string[] | undefined): Promise<UpdateState>;
  /** At start, before there are windows: without asking them. */
  installAtLaunch(): Promise<UpdateState>;
}

/** @param stopCheck ends a running check, so that a quit finds the state that the check would leave */
export function createStagedInstall(context: Context, stopCheck: () => Promise<void>): StagedInstall {
  const { store, host, preferences, settings, logger } = context;
  let cancelQuit: (() => void) | undefined;
  let chosen: { readonly version: string; readonly at: InstallAt } | undefined;

  function unscheduleInstall(): void {
    cancelQuit?.();
    cancelQuit = undefined;
  }

  async function scheduleInstall(at: InstallAt): Promise<void> {
    unscheduleInstall();
    const { installAtNextLaunch = false } = await preferences.get();
    if (installAtNextLaunch !== (at === 'next-launch')) {
      await preferences.set({ installAtNextLaunch: at === 'next-launch' ? true : undefined });
    }
    if (at === 'quit') cancelQuit = host.onQuit(() => onQuit());
  }

  async function whenFor(version: string): Promise<InstallAt> {
    if (chosen?.version === version) return chosen.at;
    const { installAtNextLaunch, installTries } = await preferences.get();
    const { install } = await context.services();
    const tries = installTries?.version === version ? installTries.tries : 0;
    const at = defaultInstallAt(settings.installAt(version), install.kind, tries);
    return at !== 'now' && installAtNextLaunch === true ? 'next-launch' : at;
  }

  async function markStaged(
    summary: ReleaseSummary,
    manual: boolean,
    lastError: UpdateErrorData | undefined,
  ): Promise<UpdateState> {
    const installAt = await whenFor(summary.version);
    const deferred = manual ? undefined : deferralOf(summary, settings.policy, await conditions(context));
    await scheduleInstall(installAt);
    store.dispatch({ type: 'staged', release: summary, installAt, deferred, lastError });
    const { install } = await context.services();
    const verdict = await install.canInstall();
    if (verdict.ok || verdict.state !== 'needs-attention' || store.state.type !== 'staged') return store.state;
    unscheduleInstall();
    const error = new UpdateError('INSTALL_READ_ONLY', inEnglish(verdict.explanation)).toData();
    return store.dispatch({ type: 'attention-needed', explanation: verdict.explanation, error });
  }

  /** What is in the way now waits for the next start, or for the next time somebody asks. */
  async function postpone(release: ReleaseSummary, at: InstallAt, blocker: InstallBlocker): Promise<UpdateState> {
    logger.info(`${release.version} is not installed now: ${blocker.error.message}`);
    const installAt = blocker.nextLaunch ? 'next-launch' : at;
    await scheduleInstall(installAt);
    return store.dispatch({ type: 'staged', release, installAt, lastError: blocker.error.toData() });
  }

  async function onQuit(): Promise<void> {
    await stopCheck();
    const { state } = store;
    if (state.type !== 'staged' || (await whenFor(state.release.version)) !== 'quit') return;
    const blocker = await findInstallBlocker(context);
    if (blocker !== undefined) await postpone(state.release, 'next-launch', blocker);
    else await attemptInstall(context, 'quit', () => installOnce(context, undefined));
  }

  async function now(
    release: ReleaseSummary,
    before: InstallAt,
    args: readonly string[] | undefined,
  ): Promise<UpdateState> {
    const blocker = await findInstallBlocker(context);
    if (blocker !== undefined) return postpone(release, before, blocker);
    let isQuitting = false;
    const outcome = await attemptInstall(context, before, async () => {
      isQuitting = await host.quit();
      if (isQuitting) return installOnce(context, args);
      throw new UpdateError(
        'INSTALL_VETOED',
        'A window stayed open. Close it, or quit the app, to install the update.',
      );
    });
    if (outcome !== undefined) await leave(outcome);
    else if (isQuitting) host.comeBack();
    else if (store.state.type === 'staged') await scheduleInstall(before);
    return store.state;
  }

  /** Has the new version started, or the system's installer go on, and ends this process. */
  async function leave({ launch, quit }: InstallOutcome): Promise<void> {
    await context.instances.leave();
    try {
      if (quit !== undefined) return await host.endBy(quit);
      if (launch !== undefined) await (await context.services()).install.launch(launch);
    } catch (error) {
      logger.error(`The new version is installed and could not be started: ${textOf(error)}`);
    }
    host.exit(0);
  }

  function waiting(): ReleaseSummary {
    const { state } = store;
    if (state.type === 'staged' || state.type === 'needs-attention') return state.release;
    throw new UpdateError('MANAGER_WRONG_STATE', 'There is no staged update to install. Download it first.');
  }

  return {
    markStaged: (summary, manual, lastError) => markStaged(summary, manual, lastError),
    unscheduleInstall,
    async install(at, args) {
      const release = waiting();
      const before = store.state.type === 'staged' ? store.state.installAt : 'now';
      unscheduleInstall();
      if (at === 'now') return now(release, before, args);
      chosen = { version: release.version, at };
      await scheduleInstall(at);
      return store.dispatch({ type: 'staged', release, installAt: at });
    },
    async installAtLaunch() {
      const release = waiting();
      const blocker = await findInstallBlocker(context);
      if (blocker !== undefined) return postpone(release, 'next-launch', blocker);
      await scheduleInstall('now');
      const outcome = await attemptInstall(context, 'now', () => installOnce(context, host.facts.argv));
      if (outcome !== undefined) await leave(outcome);
      return store.state;
    },
  };
}

/** Why the last install of a version failed, as it was remembered. */
export function rememberedFailure(tries: {
  readonly code?: string;
  readonly message?: string;
}): UpdateErrorData | undefined {
  if (tries.code === undefined || !Object.hasOwn(errorCodes, tries.code)) return undefined;
  return new UpdateError(tries.code as UpdateErrorCode, tries.message ?? '').toData();
}
