import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../shared/errors.ts';
import type { ReleaseSummary, UpdateState } from '../../../shared/state.ts';
import { parseHours } from './time-windows.ts';
import {
  type AutomaticPolicy,
  nextAutomaticAction,
  type Conditions,
  defaultInstallAt,
  deferralOf,
} from './automatic-policy.ts';

const noon = new Date(2026, 5, 10, 12).getTime();
const iso = (hour: number): string => new Date(2026, 5, 10, hour).toISOString();
const conditions: Conditions = {
  now: noon,
  onBattery: false,
  metered: false,
  cancelled: undefined,
  remindLater: undefined,
  allowedHours: [],
};
const policy: AutomaticPolicy = {
  download: 'all',
  restartForCritical: false,
  quietHours: [],
  onBattery: true,
  onMetered: false,
};
const release: ReleaseSummary = { version: '1.1.0', channel: 'stable', releasedAt: iso(1), notes: {}, critical: false };
const critical = { ...release, critical: true };

describe('deferralOf', () => {
  const everything: Conditions = {
    ...conditions,
    metered: true,
    onBattery: true,
    remindLater: { version: '1.1.0', until: noon + 3_600_000 },
  };
  const strict: AutomaticPolicy = { ...policy, onBattery: false, quietHours: parseHours(['11:00-14:00'], '') };

  it('says the first reason there is, and until when', () => {
    expect([
      deferralOf(release, policy, conditions),
      deferralOf(release, strict, everything),
      deferralOf({ ...release, version: '1.2.0' }, strict, everything),
      deferralOf(release, { ...strict, quietHours: [] }, { ...everything, remindLater: undefined }),
      deferralOf(release, { ...strict, quietHours: [], onMetered: true }, { ...everything, remindLater: undefined }),
      deferralOf(release, { ...policy, onMetered: true }, { ...everything, remindLater: undefined }),
      deferralOf(release, policy, { ...conditions, remindLater: { version: '1.1.0', until: noon } }),
    ]).toEqual([
      undefined,
      { reason: 'remind-later', until: iso(13) },
      { reason: 'quiet-hours', until: iso(14) },
      { reason: 'metered' },
      { reason: 'battery' },
      undefined,
      undefined,
    ]);
  });

  it('goes on with what was put off under a clock that was ahead', () => {
    const day = 24 * 3_600_000;
    const at = (since: number | undefined, until: number) =>
      deferralOf(release, policy, {
        ...conditions,
        remindLater: { version: '1.1.0', until: noon + until, ...(since === undefined ? {} : { since: noon + since }) },
      })?.reason;
    expect([at(0, day), at(60_000, day), at(20 * day, 21 * day), at(undefined, 91 * day), at(undefined, day)]).toEqual([
      'remind-later',
      'remind-later',
      undefined,
      undefined,
      'remind-later',
    ]);
  });

  it('lets nothing that was cancelled begin again, however critical it is', () => {
    expect([
      deferralOf(critical, policy, { ...conditions, cancelled: '1.1.0' }),
      deferralOf(critical, policy, { ...conditions, cancelled: '1.0.9' }),
    ]).toEqual([{ reason: 'cancelled' }, undefined]);
  });

  it("lets a critical release through everything but the administrator's hours", () => {
    const allowedHours = parseHours(['20:00-23:00'], '');
    expect([
      deferralOf(critical, strict, everything),
      deferralOf(critical, strict, { ...everything, allowedHours }),
      deferralOf(release, policy, { ...conditions, allowedHours, now: noon + 9 * 3_600_000 }),
    ]).toEqual([undefined, { reason: 'policy', until: iso(20) }, undefined]);
  });
});

describe('automaticStep', () => {
  const progress = { phase: 'download', received: 0, total: 1, saved: 0, bytesPerSecond: 0 } as const;
  const lastError = new UpdateError('DOWNLOAD_OFFLINE', 'No network.').toData();
  const available = { type: 'available', release, downloadSize: 1, fullSize: 1 } as const;
  const staged = { type: 'staged', release: critical, installAt: 'quit' } as const;
  const deferral = { reason: 'battery' } as const;
  const restart: AutomaticPolicy = { ...policy, restartForCritical: true };
  const onlyCritical: AutomaticPolicy = { ...policy, download: 'critical' };
  const step = (state: UpdateState, how = policy, put?: typeof deferral) => nextAutomaticAction(state, how, put);

  it('downloads what the app wants, unless it is put off or has just failed', () => {
    expect([
      step(available),
      step(available, policy, deferral),
      step({ ...available, lastError }),
      step(available, onlyCritical),
      step({ ...available, release: critical }, onlyCritical),
      step({ ...available, release: critical }, { ...policy, download: 'none' }),
    ]).toEqual(['download', 'nothing', 'nothing', 'nothing', 'download', 'nothing']);
  });

  it('pauses when conditions change, and resumes only what it paused itself', () => {
    expect([
      step({ type: 'downloading', release, progress }, policy, deferral),
      step({ type: 'downloading', release, progress }),
      step({ type: 'paused', release, progress, reason: 'policy' }),
      step({ type: 'paused', release, progress, reason: 'policy' }, policy, deferral),
      step({ type: 'paused', release, progress, reason: 'user' }),
    ]).toEqual(['pause', 'nothing', 'resume', 'nothing', 'nothing']);
  });

  it('never restarts without consent, but for a critical release where the app says so, once', () => {
    expect([
      step(staged),
      step(staged, restart),
      step({ ...staged, release }, restart),
      step(staged, restart, deferral),
      step({ ...staged, lastError }, restart),
      step({ type: 'idle' }, restart),
    ]).toEqual(['nothing', 'install-now', 'nothing', 'nothing', 'nothing', 'nothing']);
  });
});

describe('defaultInstallAt', () => {
  it('asks for no password by itself, and gives up after three tries', () => {
    expect([
      defaultInstallAt('quit', 'appimage', 0),
      defaultInstallAt('next-launch', 'portable', 2),
      defaultInstallAt('quit', 'deb', 0),
      defaultInstallAt('quit', 'appimage', 3),
    ]).toEqual(['quit', 'next-launch', 'now', 'now']);
  });
});
