import { canLock } from '../../../files/lock.ts';
import { systemCode, textOf, toUpdateError, UpdateError } from '../../../shared/errors.ts';
import { type Explanation, misconfigured } from '../../../shared/explanation.ts';
import type { DisabledReason, UpdateState } from '../../../shared/state.ts';
import type { Launch, Recovery, StagedUpdate } from '../../ports.ts';
import { learnChannel } from './channels.ts';
import { type Context, type Services, timestamp } from '../context.ts';
import { reportOutcome } from './report-outcome.ts';
import { policyOf } from '../policy/admin-policy-file.ts';
import { revalidateStaged } from './revalidate-staged.ts';
import { rememberedFailure } from './install-attempt.ts';
import type { StagedInstall } from './install-staged.ts';

/**
 * Runs at start, before anything else. Reads the administrator's policy, finishes or undoes an interrupted install,
 * installs an update that waits for this start, and restores the staged update. Errors after the recovery are only
 * logged, so that the next check is possible with any content of the disk.
 * @throws the errors of opening the services, except for a wrong configuration, which disables the updater
 */
export async function startUp(context: Context, staged: StagedInstall): Promise<UpdateState> {
  const { store } = context;
  if (!(await canLock())) return disable(context, 'misconfigured', tooOld(context));
  const policyFile = await context.readPolicy();
  store.learn({ type: 'policy-read', policyFile, policy: policyOf(policyFile) });
  try {
    await learnChannel(context);
  } catch (error) {
    // A wrong channel name in the app must not prevent the recovery. The next check fails with the same error.
    if (!(error instanceof UpdateError) || error.code !== 'OPTIONS_INVALID') throw error;
    context.logger.error(textOf(error));
  }
  if (policyFile.type === 'ignored') context.logger.error(`The policy file is ignored: ${policyFile.reason}`);
  if (policyFile.type === 'invalid') context.logger.error(policyFile.reason);
  await context.instances.join();
  const services = await openServices(context);
  if (services instanceof UpdateError)
    return disableByPolicy(context) ?? disable(context, 'misconfigured', misconfigured(services));
  // Also if updates are off, because the watchdog waits until the last install was confirmed or undone.
  const recovery = await services.install.recover();
  context.host.onQuit(async () => services.install.noteQuit());
  try {
    return await continueStartup(context, staged, services, recovery);
  } catch (error) {
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    context.logger.error(`The staged update cannot be restored before the next check: ${code} ${message}`);
    return store.state;
  }
}

/** The explanation if the Electron of the app lacks what the updater needs. */
function tooOld({ logger }: Context): Explanation {
  const { electron, node } = process.versions;
  const runtime = electron === undefined ? `Node.js ${node}` : `Electron ${electron}`;
  const message = `${runtime} is too old for updates: it has no node:sqlite. Build the app with Electron 40 or newer.`;
  logger.error(`Updates are off: ${message}`);
  return misconfigured({ message });
}

/** Disables updates if the administrator's policy turns them off or cannot be read. */
function disableByPolicy(context: Context): UpdateState | undefined {
  const { policyFile, policy } = context.store.internal;
  if (policyFile.type === 'invalid') {
    return disable(context, 'policy', { reason: 'policy-invalid', remedy: 'ask-administrator', params: {} });
  }
  if (!policy.disabled) return undefined;
  return disable(context, 'policy', { reason: 'policy-off', params: {} });
}

async function openServices({ services, logger }: Context): Promise<Services | UpdateError> {
  try {
    return await services();
  } catch (error) {
    if (!isMisconfigured(error)) throw error;
    logger.error(`Updates are off: ${error.message}`);
    return error;
  }
}

/** True for an error that a new start does not solve. A disk that cannot be read now may be readable later. */
function isMisconfigured(error: unknown): error is UpdateError {
  if (!(error instanceof UpdateError) || error.phase !== 'options') return false;
  return [undefined, 'ENOENT'].includes(systemCode(error.cause));
}

async function continueStartup(
  context: Context,
  staged: StagedInstall,
  services: Services,
  recovery: Recovery,
): Promise<UpdateState> {
  const { store } = context;
  await afterRecovery(context, services, recovery);
  if (recovery.type === 'rolled-back' && recovery.launch !== undefined)
    return relaunchPrevious(context, services, recovery.launch);
  const off = disableByPolicy(context);
  if (off !== undefined) return off;
  const verdict = await services.install.canInstall();
  if (!verdict.ok && verdict.state === 'disabled' && store.state.type === 'idle') {
    return disable(context, verdict.reason ?? 'unsupported', verdict.explanation);
  }
  const waiting = await services.staging.current();
  if (waiting === undefined || store.state.type !== 'idle') return store.state;
  return resume(context, staged, services, waiting, recovery);
}

function disable({ store }: Context, reason: DisabledReason, explanation: Explanation): UpdateState {
  return store.dispatch({ type: 'disabled', reason, explanation });
}

/** Starts the previous version, which recovery has restored, and ends this process. */
async function relaunchPrevious({ store, host }: Context, { install }: Services, launch: Launch): Promise<UpdateState> {
  await install.launch(launch);
  host.exit(0);
  return store.state;
}

/** Reports an install that has ended, and clears its preferences. */
async function afterRecovery(context: Context, { staging }: Services, recovery: Recovery): Promise<void> {
  const { preferences, store, host, history } = context;
  const { installTries } = await preferences.get();
  if (installTries?.version === host.facts.version) await preferences.set({ installTries: undefined });
  if (recovery.type === 'failing') {
    const { from, to } = recovery;
    const error = new UpdateError('INSTALL_UNHEALTHY', `${recovery.reason} ${stays(from, to)}`);
    context.logger.error(error.message);
    reportOutcome(context, { type: 'failed', version: to, from, code: error.code });
    store.dispatch({ type: 'unhealthy', error: error.toData() });
  }
  if (recovery.type === 'undone' && recovery.reason !== undefined) {
    const tries = installTries?.version === recovery.to ? installTries.tries : 0;
    const failure = { code: 'INSTALL_FAILED', message: recovery.reason } as const;
    await preferences.set({ installTries: { version: recovery.to, tries, ...failure } });
    reportOutcome(context, { type: 'failed', version: recovery.to, code: failure.code });
  }
  if (recovery.type !== 'installed' && recovery.type !== 'rolled-back') return;
  const { from, to } = recovery;
  await staging.discard();
  await preferences.set({ installAtNextLaunch: undefined, downgradeTo: undefined });
  if (recovery.type === 'installed') {
    await history.add({ result: 'installed', from, to, at: timestamp(context) });
    reportOutcome(context, { type: 'installed', version: to, from });
    return;
  }
  const { reason } = recovery;
  await history.add({ result: 'rolled-back', from, to, at: timestamp(context), reason });
  reportOutcome(context, { type: 'rolled-back', version: from, from });
  store.dispatch({ type: 'rolled-back', from, to, reason });
}

function stays(from: string, to: string): string {
  return `Going back to ${from} could damage its data, so ${to} stays. The next version is offered as soon as it is published.`;
}

/** Restores the staged update, if the stored metadata still lists it and it should still be installed. */
async function resume(
  context: Context,
  staged: StagedInstall,
  services: Services,
  waiting: StagedUpdate,
  recovery: Recovery,
): Promise<UpdateState> {
  const { preferences, store } = context;
  const standing = await revalidateStaged(context, services, waiting);
  if (standing === 'unknown' || standing === 'dropped') return store.state;
  const { installAtNextLaunch, installTries } = await preferences.get();
  const tries = installTries?.version === waiting.version ? installTries : undefined;
  const state = await staged.markStaged(standing, false, rememberedFailure(tries ?? {})?.toData());
  const isDue = installAtNextLaunch === true && recovery.type === 'nothing' && (tries?.tries ?? 0) < maxLaunchTries;
  return isDue && state.type === 'staged' ? staged.installAtLaunch() : state;
}

/** Number of starts that may try to install one version. After them, the update waits for a person. */
const maxLaunchTries = 3;
