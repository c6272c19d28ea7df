import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { Progress, ReleaseSummary, UpdateState, UpdateStateType } from '../../../shared/state.ts';
import { allowedStates, transition, type UpdateEvent } from './state-machine.ts';

const release: ReleaseSummary = {
  version: '1.1.0',
  channel: 'stable',
  releasedAt: '2026-11-22T10:00:00Z',
  notes: {},
  critical: false,
};
const progress: Progress = { phase: 'download', received: 1, total: 10, saved: 0, bytesPerSecond: 1 };
const further: Progress = { ...progress, received: 2 };
const error = new UpdateError('DOWNLOAD_OFFLINE', 'No network.').toData();
const deferral = { reason: 'battery' } as const;
const off: Explanation = { reason: 'policy-off', params: {} };
const fixed: Explanation = { reason: 'fixed-place', remedy: 'move-app', params: {} };

/** One state of each type. */
const states: { readonly [Type in UpdateStateType]: UpdateState & { type: Type } } = {
  disabled: {
    type: 'disabled',
    reason: 'policy',
    explanation: off,
    message: 'The administrator of this device turned updates off.',
  },
  idle: { type: 'idle' },
  checking: { type: 'checking' },
  available: { type: 'available', release, downloadSize: 1, fullSize: 10, deferred: deferral },
  downloading: { type: 'downloading', release, progress },
  paused: { type: 'paused', release, progress, reason: 'user' },
  verifying: { type: 'verifying', release },
  staged: { type: 'staged', release, installAt: 'quit' },
  installing: { type: 'installing', release },
  stale: { type: 'stale', since: '2026-11-01T00:00:00Z' },
  'needs-attention': {
    type: 'needs-attention',
    release,
    explanation: fixed,
    what: 'The app cannot be replaced where it is.',
    how: 'Move it to a folder of your own.',
    error,
  },
  'rolled-back': { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
};

/** One event of each type, and the state it leads to from each state in which it is legal. */
const events: { readonly [Type in UpdateEvent['type']]: readonly [UpdateEvent & { type: Type }, UpdateState] } = {
  disabled: [{ type: 'disabled', reason: 'policy', explanation: off }, states.disabled],
  'check-started': [{ type: 'check-started' }, { type: 'checking' }],
  'check-found-nothing': [
    { type: 'check-found-nothing', at: 'now' },
    { type: 'idle', lastCheck: 'now' },
  ],
  'check-failed': [
    { type: 'check-failed', error, lastCheck: 'then' },
    { type: 'idle', lastError: error, lastCheck: 'then' },
  ],
  'went-stale': [
    { type: 'went-stale', since: 'then', error },
    { type: 'stale', since: 'then', lastError: error },
  ],
  found: [
    { type: 'found', release, downloadSize: 1, fullSize: 10, deferred: undefined, lastError: error },
    { type: 'available', release, downloadSize: 1, fullSize: 10, lastError: error },
  ],
  deferred: [{ type: 'deferred', deferral: undefined }, states.available],
  'download-started': [
    { type: 'download-started', progress },
    { type: 'downloading', release, progress },
  ],
  progressed: [
    { type: 'progressed', progress: further },
    { type: 'downloading', release, progress: further },
  ],
  paused: [
    { type: 'paused', reason: 'policy' },
    { type: 'paused', release, progress, reason: 'policy' },
  ],
  resumed: [{ type: 'resumed' }, { type: 'downloading', release, progress }],
  'verify-started': [{ type: 'verify-started' }, { type: 'verifying', release }],
  staged: [
    { type: 'staged', release, installAt: 'next-launch', deferred: deferral },
    { type: 'staged', release, installAt: 'next-launch', deferred: deferral },
  ],
  'install-started': [{ type: 'install-started' }, { type: 'installing', release }],
  'install-failed': [
    { type: 'install-failed', error, installAt: 'quit' },
    { type: 'staged', release, installAt: 'quit', lastError: error },
  ],
  'staged-lost': [
    { type: 'staged-lost', error },
    { type: 'idle', lastError: error },
  ],
  'attention-needed': [{ type: 'attention-needed', explanation: fixed, error }, states['needs-attention']],
  unhealthy: [
    { type: 'unhealthy', error },
    { type: 'idle', lastError: error },
  ],
  'rolled-back': [{ type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' }, states['rolled-back']],
  reset: [{ type: 'reset' }, { type: 'idle' }],
};

const pairs = Object.values(events).flatMap(([event, leadsTo]) =>
  Object.values(states).map((state) => ({
    event,
    state,
    leadsTo,
    legal: allowedStates[event.type].includes(state.type),
  })),
);
const name = ({ event, state }: (typeof pairs)[number]) => `${event.type} in ${state.type}`;

describe('transition', () => {
  // `deferred` keeps the state that it finds, so it has its own test.
  it.each(
    pairs.filter(({ legal, event }) => legal && event.type !== 'deferred').map((pair) => [name(pair), pair] as const),
  )('goes on with %s', (_, { state, event, leadsTo }) => {
    expect(transition(state, event)).toStrictEqual(leadsTo);
  });

  it.each(pairs.filter(({ legal }) => !legal).map((pair) => [name(pair), pair] as const))(
    'refuses %s',
    (_, { state, event }) => {
      expect(() => transition(state, event)).toThrow(
        expect.objectContaining({
          code: 'MANAGER_WRONG_STATE',
          details: { event: event.type, state: state.type },
        }) as Error,
      );
    },
  );

  it('puts off and takes up again what is available or staged, and changes nothing else of it', () => {
    const { deferred: _, ...available } = states.available;
    expect([
      transition(states.available, { type: 'deferred', deferral: undefined }),
      transition(states.staged, { type: 'deferred', deferral }),
    ]).toStrictEqual([available, { ...states.staged, deferred: deferral }]);
  });

  it('never leaves "disabled", and can leave every other state', () => {
    const leavable = Object.keys(states).filter((type) =>
      Object.values(allowedStates).some((from) => from.includes(type as UpdateStateType)),
    );
    expect(leavable).toEqual(Object.keys(states).filter((type) => type !== 'disabled'));
  });
});
