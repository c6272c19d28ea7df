import { textOf, UpdateError } from '../../../shared/errors.ts';
import { type Explanation, inEnglish } from '../../../shared/explanation.ts';
import { omitUndefined } from '../../../shared/omit-undefined.ts';
import type { InstallVerdict } from '../../ports.ts';
import type { Context } from '../context.ts';
import { outsideAllowedHours } from '../policy/automatic-policy.ts';

/** Why nothing can be installed at the moment. */
export interface InstallBlocker {
  readonly error: UpdateError;
  /** True if the blocker will be gone at the next start of the app. */
  readonly nextLaunch: boolean;
}

/**
 * Finds a reason not to install now: the session is ending and would kill the install, another instance uses the files,
 * or the administrator allows updates only at other hours.
 */
export async function findInstallBlocker({
  host,
  instances,
  store,
  clock,
}: Context): Promise<InstallBlocker | undefined> {
  if (host.isShuttingDown()) {
    return blocker(
      'INSTALL_SHUTTING_DOWN',
      'The session is ending. The update is installed when the app starts again.',
      true,
    );
  }
  const refused = outsideAllowedHours({ now: clock.now(), allowedHours: store.internal.policy.hours });
  if (refused !== undefined) return blocker('MANAGER_POLICY', hoursMessage(refused.until), false);
  if (await instances.hasOtherInstances()) {
    return blocker(
      'INSTALL_OTHER_INSTANCE',
      'The app is running more than once. Quit the other one and try again.',
      false,
    );
  }
  return undefined;
}

/** Why this installation cannot be replaced at any time, and what a person can do. */
export interface InstallObstacle {
  readonly explanation: Explanation;
  readonly error: UpdateError;
}

/**
 * Checks whether this installation can be replaced. If the check fails, there is no obstacle and the install is tried.
 */
export async function findInstallObstacle({ services, logger }: Context): Promise<InstallObstacle | undefined> {
  const { install } = await services();
  let verdict: InstallVerdict;
  try {
    verdict = await install.canInstall();
  } catch (error) {
    logger.warn(`The check whether this installation can be replaced failed: ${textOf(error)}`);
    return undefined;
  }
  if (verdict.ok) return undefined;
  const { explanation, state } = verdict;
  const code = state === 'needs-attention' ? 'INSTALL_READ_ONLY' : 'INSTALL_UNSUPPORTED';
  const remedyCommand = explanation.params['command'];
  return { explanation, error: new UpdateError(code, inEnglish(explanation), omitUndefined({ remedyCommand })) };
}

/** The message outside the administrator's hours. */
export function hoursMessage(until: string | undefined): string {
  const when = until === undefined ? '' : ` Try again after ${until}.`;
  return `The administrator of this device allows updates only at certain hours.${when}`;
}

function blocker(
  code: 'INSTALL_SHUTTING_DOWN' | 'INSTALL_OTHER_INSTANCE' | 'MANAGER_POLICY',
  message: string,
  nextLaunch: boolean,
): InstallBlocker {
  return { error: new UpdateError(code, message), nextLaunch };
}
