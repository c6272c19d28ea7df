import type { UpdateErrorData } from '../../src/shared/errors.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import type { Updater } from '../../src/main/headless.ts';

/**
 * Checks, downloads and installs without a user. The updater ends this process once the new version was started.
 * Resolves with the last state if there was nothing to do, or if something failed.
 */
export async function updateNow(updater: Updater, version: string): Promise<UpdateErrorData | undefined> {
  await updater.check();
  if (updater.state.type === 'available') await updater.download();
  if (updater.state.type === 'staged') await updater.install('now');
  const { state } = updater;
  if (state.type === 'needs-attention') return state.error;
  if ('lastError' in state) return state.lastError;
  const words = closingWords(state, version);
  if (words !== undefined) console.log(words);
  return undefined;
}

/** The text about the last state for the terminal. Pure. */
function closingWords(state: UpdateState, version: string): string | undefined {
  if (state.type === 'disabled') return state.message;
  if (state.type === 'idle') return `Notes ${version} is up to date.`;
  return 'release' in state ? `Notes ${state.release.version} is on its way.` : undefined;
}
