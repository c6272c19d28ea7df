import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { Progress, ReleaseSummary, UpdateState, UpdateStateType } from '../../../shared/state.ts';
import type { TrustSummary } from '../../ports.ts';
import type { FoundOffer, Search } from '../offer.ts';
import { noPolicy } from '../policy/admin-policy-file.ts';
import { type ManagerFacts, type ManagerState, type Phase, toPublicState } from './manager-state.ts';
import { allowedStates, learn, transition, type UpdateEvent } from './state-machine.ts';

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

const offer = {
  summary: release,
  plan: { downloadSize: 1, fullSize: 10 },
} as FoundOffer;
const another = { ...offer, plan: { downloadSize: 2, fullSize: 10 } };
const facts: ManagerFacts = { policyFile: { type: 'none' }, policy: noPolicy, channel: 'stable', cancelled: '1.1.0' };

/** One phase of each type. */
const phases: { readonly [Type in UpdateStateType]: Phase & { type: Type } } = {
  disabled: { type: 'disabled', reason: 'policy', explanation: off },
  idle: { type: 'idle' },
  checking: { type: 'checking', offer },
  available: { type: 'available', offer, deferred: deferral },
  downloading: { type: 'downloading', offer, progress },
  paused: { type: 'paused', offer, progress, reason: 'user' },
  verifying: { type: 'verifying', offer },
  staged: { type: 'staged', release, installAt: 'quit' },
  installing: { type: 'installing', release },
  stale: { type: 'stale', since: '2026-11-01T00:00:00Z' },
  'needs-attention': { type: 'needs-attention', release, explanation: fixed, error },
  'rolled-back': { type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' },
};

/** The public state of each phase. */
const states: { readonly [Type in UpdateStateType]: UpdateState & { type: Type } } = {
  ...phases,
  disabled: { ...phases.disabled, message: 'The administrator of this device turned updates off.' },
  checking: { type: 'checking' },
  available: { type: 'available', release, downloadSize: 1, fullSize: 10, deferred: deferral },
  downloading: { type: 'downloading', release, progress },
  paused: { type: 'paused', release, progress, reason: 'user' },
  verifying: { type: 'verifying', release },
  'needs-attention': {
    ...phases['needs-attention'],
    what: 'The app cannot be replaced where it is.',
    how: 'Move it to a folder of your own.',
  },
};

/** One event of each type, and the phase that follows it wherever it is allowed. */
const events: { readonly [Type in UpdateEvent['type']]: readonly [UpdateEvent & { type: Type }, Phase] } = {
  disabled: [{ type: 'disabled', reason: 'policy', explanation: off }, phases.disabled],
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
    { type: 'found', offer, deferred: undefined, lastError: error },
    { type: 'available', offer, lastError: error },
  ],
  deferred: [{ type: 'deferred', deferral: undefined }, phases.available],
  'download-started': [
    { type: 'download-started', progress },
    { type: 'downloading', offer, progress },
  ],
  progressed: [
    { type: 'progressed', progress: further },
    { type: 'downloading', offer, progress: further },
  ],
  paused: [
    { type: 'paused', reason: 'policy' },
    { type: 'paused', offer, progress, reason: 'policy' },
  ],
  resumed: [{ type: 'resumed' }, { type: 'downloading', offer, progress }],
  'verify-started': [{ type: 'verify-started' }, { type: 'verifying', offer }],
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
  'attention-needed': [{ type: 'attention-needed', explanation: fixed, error }, phases['needs-attention']],
  unhealthy: [
    { type: 'unhealthy', error },
    { type: 'idle', lastError: error },
  ],
  'rolled-back': [{ type: 'rolled-back', from: '1.1.0', to: '1.0.0', reason: 'It crashed.' }, phases['rolled-back']],
  reset: [{ type: 'reset' }, { type: 'idle' }],
};

const pairs = Object.values(events).flatMap(([event, leadsTo]) =>
  Object.values(phases).map((phase) => ({
    event,
    phase,
    // A check keeps the available release in case the check fails.
    leadsTo: event.type === 'check-started' && phase.type === 'available' ? phases.checking : leadsTo,
    legal: allowedStates[event.type].includes(phase.type),
  })),
);
const name = ({ event, phase }: (typeof pairs)[number]) => `${event.type} in ${phase.type}`;
const next = (phase: Phase, event: UpdateEvent): Phase => transition({ ...facts, phase }, event).phase;

describe('transition', () => {
  // `deferred` keeps the current phase, so it has its own test.
  it.each(
    pairs.filter(({ legal, event }) => legal && event.type !== 'deferred').map((pair) => [name(pair), pair] as const),
  )('goes on with %s', (_, { phase, event, leadsTo }) => {
    expect(next(phase, event)).toStrictEqual(leadsTo);
  });

  it.each(pairs.filter(({ legal }) => !legal).map((pair) => [name(pair), pair] as const))(
    'refuses %s',
    (_, { phase, event }) => {
      expect(() => next(phase, event)).toThrow(
        expect.objectContaining({
          code: 'MANAGER_WRONG_STATE',
          details: { event: event.type, state: phase.type },
        }) as Error,
      );
    },
  );

  it('puts off and takes up again what is available or staged, and changes nothing else of it', () => {
    const { deferred: _, ...available } = phases.available;
    expect({
      available: next(phases.available, { type: 'deferred', deferral: undefined }),
      staged: next(phases.staged, { type: 'deferred', deferral }),
    }).toStrictEqual({ available, staged: { ...phases.staged, deferred: deferral } });
  });

  it('never leaves "disabled", and can leave every other state', () => {
    const leavable = Object.keys(phases).filter((type) =>
      Object.values(allowedStates).some((from) => from.includes(type as UpdateStateType)),
    );
    expect(leavable).toEqual(Object.keys(phases).filter((type) => type !== 'disabled'));
  });

  it('forgets that a download was cancelled with the next check or download, and not with a bundle', () => {
    const after = (phase: Phase, event: UpdateEvent): unknown => transition({ ...facts, phase }, event).cancelled;
    expect({
      check: after(phases.available, { type: 'check-started' }),
      bundle: after(phases.available, { type: 'check-started', source: 'bundle' }),
      download: after(phases.available, { type: 'download-started', progress }),
      other: after(phases.available, { type: 'reset' }),
    }).toEqual({ check: undefined, bundle: '1.1.0', download: undefined, other: '1.1.0' });
  });
});

describe('toPublicState', () => {
  it.each(Object.values(phases).map((phase) => [phase.type, phase] as const))('shows what is %s', (type, phase) => {
    expect(toPublicState(phase)).toStrictEqual(states[type]);
  });
});

describe('learn', () => {
  const search = { offer: another } as Search;
  const from = (phase: Phase, search_: Search): Phase =>
    learn({ ...facts, phase }, { type: 'channel-searched', search: search_ }).phase;

  it('leaves what the manager is doing as it is, but for what a check will leave available', () => {
    const { offer: _, ...nothing } = search;
    expect({
      checking: from(phases.checking, search),
      found: from(phases.checking, nothing as Search),
      idle: from(phases.idle, search),
    }).toStrictEqual({
      checking: { type: 'checking', offer: another },
      found: { type: 'checking' },
      idle: phases.idle,
    });
  });

  it('keeps each fact', () => {
    const policy = { ...noPolicy, disabled: true };
    const trust = { rootVersion: 1 } as TrustSummary;
    const learnt = (
      [
        { type: 'policy-read', policyFile: { type: 'policy', policy }, policy },
        { type: 'channel-chosen', channel: 'beta' },
        { type: 'metadata-refreshed', trust },
        { type: 'channel-searched', search },
        { type: 'download-cancelled', version: '1.2.0' },
      ] as const
    ).reduce<ManagerState>(learn, { ...facts, phase: phases.idle });
    expect(learnt).toEqual({
      phase: phases.idle,
      policyFile: { type: 'policy', policy },
      policy,
      channel: 'beta',
      trust,
      search,
      cancelled: '1.2.0',
    });
  });
});
