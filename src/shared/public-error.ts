import { errorCodes, type UpdateErrorCode, type UpdateErrorData } from './errors.ts';
import type { UpdateState } from './state.ts';

/** Codes whose messages are written for the person at the screen: they name versions, channels and times at most. */
const spoken = /^(IPC_|RELEASE_|MANAGER_(?!UNEXPECTED))/;

const refused = 'It was refused, and nothing was changed. Try again later.';
const freeSpace = 'Free some space, and try again.';
const network = 'Check the network, and try again.';

/** What to do, where "try again later" is not all of it. */
const advice: Partial<Record<UpdateErrorCode, string>> = {
  TRUST_OFFLINE: network,
  DOWNLOAD_OFFLINE: network,
  DOWNLOAD_DNS: network,
  DOWNLOAD_PROXY: 'Check the settings of the network, and try again.',
  TRUST_CLOCK: 'Set it, and try again.',
  TRUST_EXPIRED: 'Try again later. If that does not help, check the clock of this device.',
  TRUST_UNSIGNED: refused,
  TRUST_ROLLBACK: refused,
  TRUST_MISMATCH: refused,
  TRUST_MALFORMED: refused,
  TRUST_TOO_LARGE: refused,
  TRUST_PUBLISHER_UNSIGNED: refused,
  TRUST_PUBLISHER_ROLLBACK: refused,
  TRUST_INDEX_INVALID: refused,
  TRUST_INDEX_CONFUSED: refused,
  TRUST_DISAGREE: refused,
  DOWNLOAD_MISMATCH: refused,
  STAGE_CHANGED: refused,
  STAGE_OUTDATED: 'Check for updates again.',
  DOWNLOAD_DISK_FULL: freeSpace,
  STAGE_DISK_FULL: freeSpace,
  INSTALL_DISK_FULL: freeSpace,
  INSTALL_READ_ONLY: 'Move it to where you may change it, or ask an administrator.',
  INSTALL_ELEVATION_REFUSED: 'Try again, and give it.',
  INSTALL_OTHER_INSTANCE: 'Close it, and try again.',
  INSTALL_VETOED: 'Close it, or quit the app, to install the update.',
  INSTALL_SHUTTING_DOWN: 'The update is installed at the next start.',
};

/**
 * An error as pages and support reports may have it: with the same code, in a sentence of its own, without addresses,
 * paths and details. The log of the main process has those. Pure.
 */
export function publicError({ code, phase, message, retriable }: UpdateErrorData): UpdateErrorData {
  if (spoken.test(code)) return { code, phase, message, retriable };
  const { summary } = errorCodes[code];
  const usual = retriable ? 'Try again later.' : 'If that stays so, install the newest version by hand.';
  return { code, phase, message: `${summary} ${advice[code] ?? usual}`, retriable };
}

/** A state whose errors are {@link publicError}s. What a person has to do, and where, stays in it. Pure. */
export function publicState(state: UpdateState): UpdateState {
  if (state.type === 'needs-attention') return { ...state, error: publicError(state.error) };
  if (!('lastError' in state) || state.lastError === undefined) return state;
  return { ...state, lastError: publicError(state.lastError) };
}
