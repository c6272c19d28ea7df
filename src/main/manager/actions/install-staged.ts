import { errorCodes, textOf, UpdateError, type UpdateErrorCode, type UpdateErrorData } from '../../../shared/errors.ts';
import type { InstallAt, ReleaseSummary, UpdateState } from '../../../shared/state.ts';
import type { InstallOutcome } from '../../ports.ts';
import type { Context } from '../context.ts';
import { conditions } from './release-facts.ts';
import { type Obstacle, obstacleTo } from './install-blockers.ts';
import { defaultInstallAt, deferralOf } from '../policy/automatic-policy.ts';
import { attempt, runInstall } from './install-attempt.ts';

/** What waits to be installed, and when that happens. */
export interface Staged {
  /**
   * The state is `staged`, to be installed when the user said, else when the settings say; or `needs-attention` when
   * this installation cannot be replaced as it is.
   */
  settle(summary: ReleaseSummary, manual: boolean, lastError?: UpdateErrorData): Promise<UpdateState>;
  /** Nothing is installed when the app quits. */
  disarm(): void;
  /** @param args of the relaunched app @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_POLICY` */
  install(at: InstallAt, args: readonly string[]): Promise<UpdateState>;
  /** At start, before there are windows: without asking them. */
  installAtLaunch(): Promise<UpdateState>;
}

/** @param stopCheck ends a running check, so that a quit finds the state that the check would leave */
export function createStaged(context: Context, stopCheck: () => Promise<void>): Staged {
  const { holder, host, preferences, settings, logger } = context;
  let cancelQuit: (() => void) | undefined;
  let chosen: { readonly version: string; readonly at: InstallAt } | undefined;

  function disarm(): void {
    cancelQuit?.();
    cancelQuit = undefined;
  }

  async function arm(at: InstallAt): Promise<void> {
    disarm();
    const { installAtNextLaunch = false } = await preferences.get();
    if (installAtNextLaunch !== (at === 'next-launch')) {
      await preferences.set({ installAtNextLaunch: at === 'next-launch' ? true : undefined });
    }
    if (at === 'quit') cancelQuit = host.onQuit(() => onQuit());
  }

  async function whenFor(version: string): Promise<InstallAt> {
    if (chosen?.version === version) return chosen.at;
    const { installAtNextLaunch, installTries } = await preferences.get();
    const { install } = await context.rooms();
    const tries = installTries?.version === version ? installTries.tries : 0;
    const at = defaultInstallAt(settings.installAt, install.kind, tries);
    return at !== 'now' && installAtNextLaunch === true ? 'next-launch' : at;
  }

  async function settle(
    summary: ReleaseSummary,
    manual: boolean,
    lastError: UpdateErrorData | undefined,
  ): Promise<UpdateState> {
    const installAt = await whenFor(summary.version);
    const deferred = manual ? undefined : deferralOf(summary, settings.policy, await conditions(context));
    await arm(installAt);
    holder.apply({ type: 'staged', release: summary, installAt, deferred, lastError });
    const { install } = await context.rooms();
    const verdict = await install.canInstall();
    if (verdict.ok || verdict.state !== 'needs-attention' || holder.state.type !== 'staged') return holder.state;
    disarm();
    const error = new UpdateError('INSTALL_READ_ONLY', `${verdict.what} ${verdict.how}`).toData();
    return holder.apply({ type: 'attention-needed', what: verdict.what, how: verdict.how, error });
  }

  /** What is in the way now waits for the next start, or for the next time somebody asks. */
  async function postpone(release: ReleaseSummary, at: InstallAt, obstacle: Obstacle): Promise<UpdateState> {
    logger.info(`${release.version} is not installed now: ${obstacle.error.message}`);
    const installAt = obstacle.nextLaunch ? 'next-launch' : at;
    await arm(installAt);
    return holder.apply({ type: 'staged', release, installAt, lastError: obstacle.error.toData() });
  }

  async function onQuit(): Promise<void> {
    await stopCheck();
    const { state } = holder;
    if (state.type !== 'staged') return;
    const obstacle = await obstacleTo(context);
    if (obstacle !== undefined) await postpone(state.release, 'next-launch', obstacle);
    else await attempt(context, 'quit', () => runInstall(context, undefined));
  }

  async function now(release: ReleaseSummary, before: InstallAt, args: readonly string[]): Promise<UpdateState> {
    const obstacle = await obstacleTo(context);
    if (obstacle !== undefined) return postpone(release, before, obstacle);
    let isQuitting = false;
    const outcome = await attempt(context, before, async () => {
      isQuitting = await host.quit();
      if (isQuitting) return runInstall(context, args);
      throw new UpdateError(
        'INSTALL_VETOED',
        'A window stayed open. Close it, or quit the app, to install the update.',
      );
    });
    if (outcome !== undefined) await leave(outcome);
    else if (isQuitting) host.comeBack();
    else if (holder.state.type === 'staged') await arm(before);
    return holder.state;
  }

  /** Has the new version started, or the system's installer go on, and ends this process. */
  async function leave({ launch, quit }: InstallOutcome): Promise<void> {
    await context.instances.leave();
    try {
      if (quit !== undefined) return await host.endBy(quit);
      if (launch !== undefined) await (await context.rooms()).install.launch(launch);
    } catch (error) {
      logger.error(`The new version is installed and could not be started: ${textOf(error)}`);
    }
    host.exit(0);
  }

  function waiting(): ReleaseSummary {
    const { state } = holder;
    if (state.type === 'staged' || state.type === 'needs-attention') return state.release;
    throw new UpdateError('MANAGER_WRONG_STATE', 'There is no staged update to install. Download it first.');
  }

  return {
    settle: (summary, manual, lastError) => settle(summary, manual, lastError),
    disarm,
    async install(at, args) {
      const release = waiting();
      const before = holder.state.type === 'staged' ? holder.state.installAt : 'now';
      disarm();
      if (at === 'now') return now(release, before, args);
      chosen = { version: release.version, at };
      await arm(at);
      return holder.apply({ type: 'staged', release, installAt: at });
    },
    async installAtLaunch() {
      const release = waiting();
      const obstacle = await obstacleTo(context);
      if (obstacle !== undefined) return postpone(release, 'next-launch', obstacle);
      await arm('now');
      const outcome = await attempt(context, 'now', () => runInstall(context, host.facts.argv));
      if (outcome !== undefined) await leave(outcome);
      return holder.state;
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
