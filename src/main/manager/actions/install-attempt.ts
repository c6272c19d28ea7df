import { type AskPersonCode, errorCodes, type UpdateErrorCode } from '../../../shared/error-table.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { InstallAt } from '../../../shared/state.ts';
import type { InstallOutcome } from '../../ports.ts';
import type { Context } from '../context.ts';
import type { UpdateEvent } from '../state/state-machine.ts';
import { reportOutcome } from './report-outcome.ts';

/** Installs the staged update once. Counts the attempt first, so that an update loop ends. */
export async function installOnce(
  { services, preferences }: Context,
  relaunch: readonly string[] | undefined,
): Promise<InstallOutcome> {
  const { install, staging } = await services();
  const staged = await staging.current();
  if (staged === undefined) throw new UpdateError('STAGE_NOTHING', 'No update is staged. Check for updates again.');
  const { installTries } = await preferences.get();
  const tries = installTries?.version === staged.version ? installTries.tries : 0;
  await preferences.set({ installTries: { version: staged.version, tries: tries + 1 } });
  return install.install(staged, relaunch);
}

/** Runs one attempt and its state changes. Resolves `undefined` if it failed; the state then carries the error. */
export async function attemptInstall(
  context: Context,
  installAt: InstallAt,
  work: () => Promise<InstallOutcome>,
): Promise<InstallOutcome | undefined> {
  const { store, logger } = context;
  store.dispatch({ type: 'install-started' });
  try {
    return await work();
  } catch (error) {
    const failure = toUpdateError(error, 'INSTALL_FAILED');
    logger.error(`install failed: ${failure.code} ${failure.message}`);
    const event = failureEvent(failure, installAt);
    const version = store.state.type === 'installing' ? store.state.release.version : '';
    if (failure.code !== 'INSTALL_VETOED') {
      await remember(context, version, failure);
      reportOutcome(context, { type: 'failed', version, code: failure.code });
    }
    if (event.type === 'staged-lost') await (await context.services()).staging.discard();
    store.dispatch(event);
    return undefined;
  }
}

/** Stores the error for the next start, which may be the first one that can show it. */
async function remember({ preferences }: Context, version: string, { code, message }: UpdateError): Promise<void> {
  const { installTries } = await preferences.get();
  const tries = installTries?.version === version ? installTries.tries : 0;
  await preferences.set({ installTries: { version, tries, code, message } });
}

/** The stored error of the last install of a version. */
export function rememberedFailure(tries: {
  readonly code?: string;
  readonly message?: string;
}): UpdateError | undefined {
  if (tries.code === undefined || !Object.hasOwn(errorCodes, tries.code)) return undefined;
  return new UpdateError(tries.code as UpdateErrorCode, tries.message ?? '');
}

/** The explanation for each error that only a person can solve. */
const obstacles: Readonly<Record<AskPersonCode, Omit<Explanation, 'params'>>> = {
  INSTALL_ELEVATION_REFUSED: { reason: 'permission-refused' },
  INSTALL_READ_ONLY: { reason: 'fixed-place', remedy: 'move-app' },
  INSTALL_DISK_FULL: { reason: 'disk-full', remedy: 'free-space' },
  INSTALL_UNSUPPORTED: { reason: 'unsupported', remedy: 'install-by-hand' },
};

/** The event that follows a failed install. Pure. */
function failureEvent(failure: UpdateError, installAt: InstallAt): UpdateEvent {
  const { code, remedyCommand } = failure;
  const error = failure.toData();
  if (errorCodes[code].afterInstall === 'discard') return { type: 'staged-lost', error };
  if (!asksPerson(code)) return { type: 'install-failed', error, installAt };
  const explanation: Explanation =
    remedyCommand === undefined
      ? { ...obstacles[code], params: {} }
      : { ...obstacles[code], remedy: 'run-as-administrator', params: { command: remedyCommand } };
  return { type: 'attention-needed', explanation, error };
}

function asksPerson(code: UpdateErrorCode): code is AskPersonCode {
  return errorCodes[code].afterInstall === 'ask-person';
}
