import type { DisabledReason, UpdateState } from '../../shared/state.ts';
import type { Launch, Recovery, StagedUpdate } from '../ports.ts';
import { channelInUse } from './channels.ts';
import { type Context, learn, type Rooms, timestamp } from './context.ts';
import { summaryOfRelease } from './find-offer.ts';
import { report } from './outcomes.ts';
import { policyOf } from './policy-file.ts';
import { rememberedFailure, type Staged } from './staged.ts';

/**
 * At start, before anything else: reads the administrator's policy, finishes or undoes an interrupted install, installs
 * what waited for this start, and remembers what is staged.
 */
export async function startUp(context: Context, staged: Staged): Promise<UpdateState> {
  const { holder, preferences, defaultChannel } = context;
  const policyFile = await context.readPolicy();
  const policy = policyOf(policyFile);
  learn(context, { policyFile, policy, channel: channelInUse(policy, await preferences.get(), defaultChannel) });
  if (policyFile.type === 'ignored') context.logger.error(`The policy file is not obeyed: ${policyFile.reason}`);
  if (policyFile.type === 'invalid') return disable(context, 'policy', policyFile.reason);
  if (policy.disabled) return disable(context, 'policy', 'The administrator of this device turned updates off.');
  await context.instances.join();
  const rooms = await context.rooms();
  const recovery = await rooms.install.recover();
  context.host.onQuit(async () => rooms.install.noteQuit());
  await afterRecovery(context, rooms, recovery);
  if (recovery.type === 'rolled-back' && recovery.launch !== undefined) return giveWay(context, recovery.launch);
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
async function giveWay({ holder, host, spawn }: Context, { execPath, args, env }: Launch): Promise<UpdateState> {
  host.stepAside?.();
  await spawn.detach(execPath, args, { env });
  host.exit(0);
  return holder.state;
}

/** Tells of an install that has just ended, and forgets what it needed. */
async function afterRecovery(context: Context, { staging }: Rooms, recovery: Recovery): Promise<void> {
  const { preferences, holder, host, history } = context;
  const { installTries } = await preferences.get();
  if (installTries?.version === host.facts.version) await preferences.set({ installTries: undefined });
  if (recovery.type === 'failing') {
    context.logger.error(`${recovery.to} keeps failing, and there is no safe way back: ${recovery.reason}`);
    report(context, { type: 'failed', version: recovery.to, from: recovery.from, code: 'INSTALL_UNHEALTHY' });
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

/** What was staged before this start, if stored metadata still vouches for it. */
async function resume(
  context: Context,
  staged: Staged,
  { trust, staging, install }: Rooms,
  waiting: StagedUpdate,
  recovery: Recovery,
): Promise<UpdateState> {
  const { preferences, holder, host } = context;
  const trusted = await trust.recall(waiting.query, waiting.version, waiting.kind);
  const failed = await install.quarantined();
  if (trusted === undefined || waiting.version === host.facts.version || failed.includes(waiting.version)) {
    await staging.discard();
    return holder.state;
  }
  const { installAtNextLaunch, installTries } = await preferences.get();
  const tries = installTries?.version === waiting.version ? installTries : undefined;
  const state = await staged.settle(
    summaryOfRelease(trusted.release, waiting.query),
    false,
    rememberedFailure(tries ?? {}),
  );
  const isDue = installAtNextLaunch === true && recovery.type === 'nothing' && (tries?.tries ?? 0) < maxLaunchTries;
  return isDue && state.type === 'staged' ? staged.installAtLaunch() : state;
}

/** Starts at which one version may be tried; then it waits for a person. */
const maxLaunchTries = 3;
