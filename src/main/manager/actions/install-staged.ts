import { textOf, UpdateError, type UpdateErrorData } from '../../../shared/errors.ts';
import type { InstallAt, ReleaseSummary, UpdateState } from '../../../shared/state.ts';
import type { InstallOutcome } from '../../ports.ts';
import type { Context } from '../context.ts';
import { conditions } from './release-facts.ts';
import {
  findInstallBlocker,
  findInstallObstacle,
  type InstallBlocker,
  type InstallObstacle,
} from './install-blockers.ts';
import { defaultInstallAt, deferralOf } from '../policy/automatic-policy.ts';
import { attemptInstall, installOnce } from './install-attempt.ts';

/** The staged update, and when it is installed. */
export class StagedInstall {
  readonly #context: Context;
  readonly #stopCheck: () => Promise<void>;
  #cancelQuit: (() => void) | undefined;
  /** When the user wants to install a version. */
  #chosen: { readonly version: string; readonly at: InstallAt } | undefined;

  /** @param stopCheck ends a running check, so that a quit does not act on the state `checking` */
  constructor(context: Context, stopCheck: () => Promise<void>) {
    this.#context = context;
    this.#stopCheck = stopCheck;
  }

  /**
   * Sets the state to `staged`, or to `needs-attention` if this installation cannot be replaced. The user's choice sets
   * the time of the install, or else the app's settings.
   */
  async markStaged(summary: ReleaseSummary, manual: boolean, lastError?: UpdateErrorData): Promise<UpdateState> {
    const { store, settings } = this.#context;
    const installAt = await this.#whenFor(summary.version);
    const deferred = manual ? undefined : deferralOf(summary, settings.policy, await conditions(this.#context));
    await this.#scheduleInstall(installAt);
    store.dispatch({ type: 'staged', release: summary, installAt, deferred, lastError });
    const obstacle = await findInstallObstacle(this.#context);
    if (obstacle === undefined || store.state.type !== 'staged') return store.state;
    return this.#askPerson(obstacle);
  }

  /** Asks for a person's help. The state explains what to do, with the exact command if there is one. */
  #askPerson({ explanation, error }: InstallObstacle): UpdateState {
    this.unscheduleInstall();
    return this.#context.store.dispatch({ type: 'attention-needed', explanation, error: error.toData() });
  }

  /** Cancels an install at quit. */
  unscheduleInstall(): void {
    this.#cancelQuit?.();
    this.#cancelQuit = undefined;
  }

  /**
   * @param args arguments of the relaunched app; `undefined` if it must not be started again
   * @throws UpdateError `MANAGER_WRONG_STATE`, `MANAGER_POLICY`
   */
  async install(at: InstallAt, args: readonly string[] | undefined): Promise<UpdateState> {
    const { store } = this.#context;
    const release = this.#waiting();
    const before = store.state.type === 'staged' ? store.state.installAt : 'now';
    this.unscheduleInstall();
    if (at === 'now') return this.#installNow(release, before, args);
    this.#chosen = { version: release.version, at };
    await this.#scheduleInstall(at);
    return store.dispatch({ type: 'staged', release, installAt: at });
  }

  /** Installs at start, before there are windows that could veto. */
  async installAtLaunch(): Promise<UpdateState> {
    const context = this.#context;
    const release = this.#waiting();
    const obstacle = await findInstallObstacle(context);
    if (obstacle !== undefined) return this.#askPerson(obstacle);
    const blocker = await findInstallBlocker(context);
    if (blocker !== undefined) return this.#postpone(release, 'next-launch', blocker);
    await this.#scheduleInstall('now');
    const outcome = await attemptInstall(context, 'now', () => installOnce(context, context.host.facts.argv));
    if (outcome !== undefined) await this.#leave(outcome);
    return context.store.state;
  }

  async #scheduleInstall(at: InstallAt): Promise<void> {
    const { preferences, host } = this.#context;
    this.unscheduleInstall();
    const { installAtNextLaunch = false } = await preferences.get();
    if (installAtNextLaunch !== (at === 'next-launch')) {
      await preferences.set({ installAtNextLaunch: at === 'next-launch' ? true : undefined });
    }
    if (at === 'quit') this.#cancelQuit = host.onQuit(() => this.#onQuit());
  }

  async #whenFor(version: string): Promise<InstallAt> {
    if (this.#chosen?.version === version) return this.#chosen.at;
    const { preferences, settings, services } = this.#context;
    const { installAtNextLaunch, installTries } = await preferences.get();
    const { install } = await services();
    const tries = installTries?.version === version ? installTries.tries : 0;
    const at = defaultInstallAt(settings.installAt(version), install.kind, tries);
    return at !== 'now' && installAtNextLaunch === true ? 'next-launch' : at;
  }

  /** Postpones an install that is blocked to the next start or to another request. */
  async #postpone(release: ReleaseSummary, at: InstallAt, blocker: InstallBlocker): Promise<UpdateState> {
    const { store, logger } = this.#context;
    logger.info(`${release.version} is not installed now: ${blocker.error.message}`);
    const installAt = blocker.nextLaunch ? 'next-launch' : at;
    await this.#scheduleInstall(installAt);
    return store.dispatch({ type: 'staged', release, installAt, lastError: blocker.error.toData() });
  }

  async #onQuit(): Promise<void> {
    await this.#stopCheck();
    const context = this.#context;
    const { state } = context.store;
    if (state.type !== 'staged' || (await this.#whenFor(state.release.version)) !== 'quit') return;
    const blocker = await findInstallBlocker(context);
    if (blocker !== undefined) await this.#postpone(state.release, 'next-launch', blocker);
    else await attemptInstall(context, 'quit', () => installOnce(context, undefined));
  }

  async #installNow(
    release: ReleaseSummary,
    before: InstallAt,
    args: readonly string[] | undefined,
  ): Promise<UpdateState> {
    const context = this.#context;
    const { store, host } = context;
    // Checked before the windows are asked to close.
    const obstacle = await findInstallObstacle(context);
    if (obstacle !== undefined) return this.#askPerson(obstacle);
    const blocker = await findInstallBlocker(context);
    if (blocker !== undefined) return this.#postpone(release, before, blocker);
    let isQuitting = false;
    const outcome = await attemptInstall(context, before, async () => {
      isQuitting = await host.quit();
      if (isQuitting) return installOnce(context, args);
      throw new UpdateError(
        'INSTALL_VETOED',
        'A window stayed open. Close it, or quit the app, to install the update.',
      );
    });
    if (outcome !== undefined) await this.#leave(outcome);
    else if (isQuitting) host.comeBack();
    else if (store.state.type === 'staged') await this.#scheduleInstall(before);
    return store.state;
  }

  /** Starts the new version, or lets the system's installer continue, and ends this process. */
  async #leave({ launch, quit }: InstallOutcome): Promise<void> {
    const { instances, host, services, logger } = this.#context;
    await instances.leave();
    try {
      if (quit !== undefined) return await host.endBy(quit);
      if (launch !== undefined) await (await services()).install.launch(launch);
    } catch (error) {
      logger.error(`The new version is installed but could not be started: ${textOf(error)}`);
    }
    host.exit(0);
  }

  #waiting(): ReleaseSummary {
    const { state } = this.#context.store;
    if (state.type === 'staged' || state.type === 'needs-attention') return state.release;
    throw new UpdateError('MANAGER_WRONG_STATE', 'There is no staged update to install. Download it first.');
  }
}
