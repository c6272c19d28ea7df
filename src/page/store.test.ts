import { expect, it } from 'vitest';

import type { UpdateState } from '../shared/state.ts';
import { createUpdateStore } from './index.ts';

it('keeps one snapshot until the state changes, and calls every subscription at once and on each change', () => {
  let state: UpdateState = { type: 'idle' };
  let tell: (state: UpdateState) => void = () => undefined;
  const store = createUpdateStore({
    // As over the context bridge: each call returns a new copy.
    getSnapshot: () => structuredClone(state),
    subscribe(listener) {
      tell = listener;
      return () => undefined;
    },
  });
  const heard: string[] = [];
  const listener = (state: UpdateState): void => void heard.push(state.type);
  const stop = store.subscribe(listener);
  store.subscribe(listener);
  const same = store.getSnapshot() === store.getSnapshot();
  state = { type: 'checking' };
  tell(structuredClone(state));
  stop();
  state = { type: 'idle' };
  tell(structuredClone(state));
  expect({ same, heard, snapshot: store.getSnapshot() }).toEqual({
    same: true,
    heard: ['idle', 'idle', 'checking', 'checking', 'idle'],
    snapshot: { type: 'idle' },
  });
});
