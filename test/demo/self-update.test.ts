import { afterEach, expect, it, vi } from 'vitest';

import { updateNow } from '../../demo-app/main/self-update.ts';
import type { UpdateState } from '../../src/shared/state.ts';
import { release, scriptedUpdater } from '../support/scripted-updater.ts';

afterEach(() => vi.restoreAllMocks());

it.each<[UpdateState, string]>([
  [{ type: 'idle' }, 'Notes 1.0.0 is up to date.'],
  // Somebody quit the app meanwhile, and the update is installed with that.
  [{ type: 'installing', release }, `Notes ${release.version} is on its way.`],
  [{ type: 'staged', release, installAt: 'quit' }, `Notes ${release.version} is on its way.`],
])('says of $type what is true', async (state, words) => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  await updateNow(scriptedUpdater(state), '1.0.0');
  expect(log.mock.calls).toEqual([[words]]);
});
