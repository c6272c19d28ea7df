import type { UpdateErrorData } from '../../src/shared/errors.ts';
import type { Updater } from '../../src/main/headless.ts';

/**
 * Check, download, install, without a person: the updater ends this process when the new version has been started.
 * Comes back when there was nothing to do, or with what went wrong.
 */
export async function updateNow(updater: Updater, version: string): Promise<UpdateErrorData | undefined> {
  await updater.check();
  if (updater.state.type === 'available') await updater.download();
  if (updater.state.type === 'staged') await updater.install('now');
  const { state } = updater;
  if (state.type === 'needs-attention') return state.error;
  if ('lastError' in state) return state.lastError;
  console.log(state.type === 'disabled' ? state.message : `Notes ${version} is up to date.`);
  return undefined;
}
