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

  it('returns the first reason and its end', () => {
    expect({
      none: deferralOf(release, policy, conditions),
      remindLater: deferralOf(release, strict, everything),
      quietHours: deferralOf({ ...release, version: '1.2.0' }, strict, everything),
      metered: deferralOf(release, { ...strict, quietHours: [] }, { ...everything, remindLater: undefined }),
      battery: deferralOf(
        release,
        { ...strict, quietHours: [], onMetered: true },
        { ...everything, remindLater: undefined },
      ),
      allAllowed: deferralOf(release, { ...policy, onMetered: true }, { ...everything, remindLater: undefined }),
      reminderEnded: deferralOf(release, policy, { ...conditions, remindLater: { version: '1.1.0', until: noon } }),
    }).toEqual({
      none: undefined,
      remindLater: { reason: 'remind-later', until: iso(13) },
      quietHours: { reason: 'quiet-hours', until: iso(14) },
      metered: { reason: 'metered' },
      battery: { reason: 'battery' },
      allAllowed: undefined,
      reminderEnded: undefined,
    });
  });

  it('ignores a deferral that was set while the clock was ahead', () => {
    const day = 24 * 3_600_000;
    const at = (since: number | undefined, until: number) =>
      deferralOf(release, policy, {
        ...conditions,
        remindLater: { version: '1.1.0', until: noon + until, ...(since === undefined ? {} : { since: noon + since }) },
      })?.reason;
    expect({
      now: at(0, day),
      aMinuteAhead: at(60_000, day),
      daysAhead: at(20 * day, 21 * day),
      tooLong: at(undefined, 91 * day),
      withoutSince: at(undefined, day),
    }).toEqual({
      now: 'remind-later',
      aMinuteAhead: 'remind-later',
      daysAhead: undefined,
      tooLong: undefined,
      withoutSince: 'remind-later',
    });
  });

  it('does not start a cancelled download again, even of a critical release', () => {
    expect({
      thisVersion: deferralOf(critical, policy, { ...conditions, cancelled: '1.1.0' }),
      otherVersion: deferralOf(critical, policy, { ...conditions, cancelled: '1.0.9' }),
    }).toEqual({ thisVersion: { reason: 'cancelled' }, otherVersion: undefined });
  });

  it("lets a critical release through everything but the administrator's hours", () => {
    const allowedHours = parseHours(['20:00-23:00'], '');
    expect({
      critical: deferralOf(critical, strict, everything),
      outsideHours: deferralOf(critical, strict, { ...everything, allowedHours }),
      withinHours: deferralOf(release, policy, { ...conditions, allowedHours, now: noon + 9 * 3_600_000 }),
    }).toEqual({ critical: undefined, outsideHours: { reason: 'policy', until: iso(20) }, withinHours: undefined });
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

  it('downloads what the app wants, unless it is deferred or has just failed', () => {
    expect({
      wanted: step(available),
      deferred: step(available, policy, deferral),
      failed: step({ ...available, lastError }),
      notCritical: step(available, onlyCritical),
      critical: step({ ...available, release: critical }, onlyCritical),
      downloadsOff: step({ ...available, release: critical }, { ...policy, download: 'none' }),
    }).toEqual({
      wanted: 'download',
      deferred: 'nothing',
      failed: 'nothing',
      notCritical: 'nothing',
      critical: 'download',
      downloadsOff: 'nothing',
    });
  });

  it('pauses when conditions change, and resumes only what it paused itself', () => {
    expect({
      deferred: step({ type: 'downloading', release, progress }, policy, deferral),
      running: step({ type: 'downloading', release, progress }),
      pausedByPolicy: step({ type: 'paused', release, progress, reason: 'policy' }),
      stillDeferred: step({ type: 'paused', release, progress, reason: 'policy' }, policy, deferral),
      pausedByUser: step({ type: 'paused', release, progress, reason: 'user' }),
    }).toEqual({
      deferred: 'pause',
      running: 'nothing',
      pausedByPolicy: 'resume',
      stillDeferred: 'nothing',
      pausedByUser: 'nothing',
    });
  });

  it('restarts only for a critical release, if the app allows it, and once', () => {
    expect({
      noConsent: step(staged),
      consent: step(staged, restart),
      notCritical: step({ ...staged, release }, restart),
      deferred: step(staged, restart, deferral),
      failed: step({ ...staged, lastError }, restart),
      idle: step({ type: 'idle' }, restart),
    }).toEqual({
      noConsent: 'nothing',
      consent: 'install-now',
      notCritical: 'nothing',
      deferred: 'nothing',
      failed: 'nothing',
      idle: 'nothing',
    });
  });
});

describe('defaultInstallAt', () => {
  it('never asks for a password automatically, and stops after three attempts', () => {
    expect({
      quit: defaultInstallAt('quit', 'appimage', 0),
      nextLaunch: defaultInstallAt('next-launch', 'portable', 2),
      needsPassword: defaultInstallAt('quit', 'deb', 0),
      failedOften: defaultInstallAt('quit', 'appimage', 3),
    }).toEqual({ quit: 'quit', nextLaunch: 'next-launch', needsPassword: 'now', failedOften: 'now' });
  });
});
