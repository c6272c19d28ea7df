import { systemCode, toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { DisabledReason, UpdateState } from '../../../shared/state.ts';
import type { Launch, Recovery, StagedUpdate } from '../../ports.ts';
import { channelInUse } from './channels.ts';
import { type Context, learn, type Rooms, timestamp } from '../context.ts';
import { report } from './report-outcome.ts';
import { policyOf } from '../policy/admin-policy-file.ts';
import { reconsiderStaged } from './revalidate-staged.ts';
import { rememberedFailure, type Staged } from './install-staged.ts';

/**
 * At start, before anything else: reads the administrator's policy, finishes or undoes an interrupted install, installs
 * what waited for this start, and remembers what is staged. What goes wrong after the recovery is logged: whatever lies
 * on the disk, the next check must be possible.
 * @throws what opening the rooms throws, but for a wrong configuration: that is a state
 */
export async function startUp(context: Context, staged: Staged): Promise<UpdateState> {
  const { holder, preferences, defaultChannel } = context;
  const policyFile = await context.readPolicy();
  const policy = policyOf(policyFile);
  learn(context, { policyFile, policy, channel: channelInUse(policy, await preferences.get(), defaultChannel) });
  if (policyFile.type === 'ignored') context.logger.error(`The policy file is not obeyed: ${policyFile.reason}`);
  if (policyFile.type === 'invalid') context.logger.error(policyFile.reason);
  await context.instances.join();
  const rooms = await openRooms(context);
  if (rooms instanceof UpdateError) return disableByPolicy(context) ?? disable(context, 'misconfigured', rooms.message);
  // Also where updates are off: an install that had ended must be confirmed or undone, and its watcher waits for that.
  const recovery = await rooms.install.recover();
  context.host.onQuit(async () => rooms.install.noteQuit());
  try {
    return await goOn(context, staged, rooms, recovery);
  } catch (error) {
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    context.logger.error(`What was staged is not looked at before the next check: ${code} ${message}`);
    return holder.state;
  }
}

/** Where the administrator's policy turns updates off, or cannot be read. */
function disableByPolicy(context: Context): UpdateState | undefined {
  const { policyFile, policy } = context.known;
  if (policyFile.type === 'invalid') {
    return disable(context, 'policy', 'The policy file of this device cannot be used. Ask its administrator.');
  }
  if (!policy.disabled) return undefined;
  return disable(context, 'policy', 'The administrator of this device turned updates off.');
}

async function openRooms({ rooms, logger }: Context): Promise<Rooms | UpdateError> {
  try {
    return await rooms();
  } catch (error) {
    if (!isMisconfigured(error)) throw error;
    logger.error(`Updates are off: ${error.message}`);
    return error;
  }
}

/** Wrong for good, and not only now: a disk that cannot be read may be readable later. */
function isMisconfigured(error: unknown): error is UpdateError {
  if (!(error instanceof UpdateError) || !error.code.startsWith('OPTIONS_')) return false;
  return [undefined, 'ENOENT'].includes(systemCode(error.cause));
}

async function goOn(context: Context, staged: Staged, rooms: Rooms, recovery: Recovery): Promise<UpdateState> {
  const { holder } = context;
  await afterRecovery(context, rooms, recovery);
  if (recovery.type === 'rolled-back' && recovery.launch !== undefined) return giveWay(context, rooms, recovery.launch);
  const off = disableByPolicy(context);
  if (off !== undefined) return off;
  const verdict = await rooms.install.canInstall();
  if (!verdict.ok && verdict.state === 'disabled' && holder.state.type === 'idle') {
    return disable(context, verdict.reason ?? 'unsupported', `${verdict.what} ${verdict.how}`);
  }
  const waiting = await rooms.staging.current();
  if (waiting === undefined || holder.state.type !== 'idle') return holder.state;
  return resume(context, staged, rooms, waiting, recovery);
}

function disable({ holder }: Context, reason: DisabledReason, message: string): UpdateState {
  return holder.apply({ type: 'disabled', reason, message });
}

/** The version that runs has been replaced by the previous one: that one goes on. */
async function giveWay({ holder, host }: Context, { install }: Rooms, launch: Launch): Promise<UpdateState> {
  await install.launch(launch);
  host.exit(0);
  return holder.state;
}

/** Tells of an install that has just ended, and forgets what it needed. */
async function afterRecovery(context: Context, { staging }: Rooms, recovery: Recovery): Promise<void> {
  const { preferences, holder, host, history } = context;
  const { installTries } = await preferences.get();
  if (installTries?.version === host.facts.version) await preferences.set({ installTries: undefined });
  if (recovery.type === 'failing') {
    const { from, to } = recovery;
    const error = new UpdateError('INSTALL_UNHEALTHY', `${recovery.reason} ${stays(from, to)}`);
    context.logger.error(error.message);
    report(context, { type: 'failed', version: to, from, code: error.code });
    holder.apply({ type: 'unhealthy', error: error.toData() });
  }
  if (recovery.type === 'undone' && recovery.reason !== undefined) {
    const tries = installTries?.version === recovery.to ? installTries.tries : 0;
    const failure = { code: 'INSTALL_FAILED', message: recovery.reason } as const;
    await preferences.set({ installTries: { version: recovery.to, tries, ...failure } });
    report(context, { type: 'failed', version: recovery.to, code: failure.code });
  }
  if (recovery.type !== 'installed' && recovery.type !== 'rolled-back') return;
  const { from, to } = recovery;
  await staging.discard();
  await preferences.set({ installAtNextLaunch: undefined, downgradeTo: undefined });
  if (recovery.type === 'installed') {
    await history.add({ result: 'installed', from, to, at: timestamp(context) });
    report(context, { type: 'installed', version: to, from });
    return;
  }
  const { reason } = recovery;
  await history.add({ result: 'rolled-back', from, to, at: timestamp(context), reason });
  report(context, { type: 'rolled-back', version: from, from });
  holder.apply({ type: 'rolled-back', from, to, reason });
}

function stays(from: string, to: string): string {
  return `Going back to ${from} could harm its data, so ${to} stays. The next version is offered as soon as there is one.`;
}

/** What was staged before this start, if stored metadata still vouches for it, and it is still to be installed. */
async function resume(
  context: Context,
  staged: Staged,
  rooms: Rooms,
  waiting: StagedUpdate,
  recovery: Recovery,
): Promise<UpdateState> {
  const { preferences, holder } = context;
  const standing = await reconsiderStaged(context, rooms, waiting);
  if (standing === 'unknown' || standing === 'dropped') return holder.state;
  const { installAtNextLaunch, installTries } = await preferences.get();
  const tries = installTries?.version === waiting.version ? installTries : undefined;
  const state = await staged.settle(standing, false, rememberedFailure(tries ?? {}));
  const isDue = installAtNextLaunch === true && recovery.type === 'nothing' && (tries?.tries ?? 0) < maxLaunchTries;
  return isDue && state.type === 'staged' ? staged.installAtLaunch() : state;
}

/** Starts at which one version may be tried; then it waits for a person. */
const maxLaunchTries = 3;
