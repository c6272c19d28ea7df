import { expect, it } from 'vitest';

import { UpdateError } from '../../shared/errors.ts';
import type { UpdateState } from '../../shared/state.ts';
import { diagnose } from './diagnostics.ts';
import { noPolicy } from './policy/admin-policy-file.ts';

it('tells support nothing of where things are on a device, in whatever state', () => {
  const place = '/home/alice.smith/Applications/Notes.AppImage';
  const error = new UpdateError('INSTALL_READ_ONLY', `${place} cannot be written.`).toData();
  const release = {
    version: '1.1.0',
    channel: 'stable',
    releasedAt: '2026-11-22T10:00:00Z',
    notes: {},
    critical: false,
  };
  const states: readonly UpdateState[] = [
    { type: 'idle', lastError: error },
    { type: 'stale', since: '2026-11-22T10:00:00Z', lastError: error },
    {
      type: 'needs-attention',
      release,
      explanation: { reason: 'read-only-disk', params: { path: place } },
      what: `${place} is read-only.`,
      how: `cp ${place} ~/Notes`,
      error,
    },
    {
      type: 'disabled',
      reason: 'misconfigured',
      explanation: { reason: 'misconfigured', params: { detail: place } },
      message: `root.json is not in ${place}.`,
    },
  ];
  const texts = states.map(
    (state) =>
      diagnose({
        app: 'org.example.notes',
        host: {
          version: '1.0.0',
          platform: 'linux',
          arch: 'x64',
          nativeArch: 'x64',
          systemVersion: '6.1.0',
          isPackaged: true,
        },
        state,
        facts: { policyFile: { type: 'none' }, policy: noPolicy, channel: 'stable' },
        preferences: { installId: 'an installation' },
        kind: 'appimage',
        quarantined: [],
        at: '2026-11-22T10:00:00Z',
      }).text,
  );
  expect(texts.filter((text) => text.includes('alice') || text.includes('an installation'))).toEqual([]);
});
