import { expect, it } from 'vitest';

import { errorCodes, type ErrorReason } from './error-table.ts';
import { UpdateError, type UpdateErrorCode } from './errors.ts';
import { publicError, publicState } from './public-error.ts';
import type { UpdateState } from './state.ts';

const codes = Object.keys(errorCodes) as UpdateErrorCode[];
const secret = 'https://user:t0ken@updates.example.org:8443/x, 10.0.0.7:81, /home/alice/.config/x, C:\\Users\\alice';

it.each(codes.filter((code) => !/^(IPC|RELEASE|MANAGER)_/.test(code) || code === 'MANAGER_UNEXPECTED'))(
  'tells %s in words of its own, with something to do',
  (code) => {
    const data = new UpdateError(code, `No: ${secret}.`, { details: { url: secret } }).toData();
    const told = publicError(data);
    expect(JSON.stringify(told)).not.toMatch(/alice|example|t0ken|10\.0|details/);
    expect(told).toEqual({
      code,
      phase: data.phase,
      retriable: data.retriable,
      reason: data.reason,
      message: told.message,
    });
    expect(told.message).toMatch(/^[A-Z].+\. [A-Z].+\.$/);
  },
);

it.each(codes.filter((code) => /^(IPC|RELEASE|MANAGER)_/.test(code) && code !== 'MANAGER_UNEXPECTED'))(
  'lets %s speak, which is written for people, and keeps its details',
  (code) => {
    const { message } = publicError(new UpdateError(code, 'Beta lists 1.2.0.', { details: { a: 1 } }).toData());
    expect(message).toBe('Beta lists 1.2.0.');
  },
);

it('rewrites every error in a state, and nothing else', () => {
  const lastError = new UpdateError('TRUST_OFFLINE', secret).toData();
  const release = { version: '1.1.0', channel: 'stable', releasedAt: '', notes: {}, critical: false };
  const states: readonly UpdateState[] = [
    { type: 'idle', lastError, lastCheck: 'then' },
    { type: 'stale', since: 'then', lastError },
    { type: 'available', release, downloadSize: 1, fullSize: 2, lastError },
    { type: 'staged', release, installAt: 'quit', lastError },
    {
      type: 'needs-attention',
      release,
      explanation: { reason: 'fixed-place', params: {} },
      what: 'It is read-only.',
      how: 'Move it.',
      error: lastError,
    },
  ];
  const told = states.map(publicState);
  expect(JSON.stringify(told)).not.toMatch(/alice|example/);
  expect(told.map((state) => Object.keys(state))).toEqual(states.map((state) => Object.keys(state)));
  const calm: UpdateState = { type: 'verifying', release };
  expect(publicState(calm)).toBe(calm);
});

it('has a kind for every code that a check, a download or a staged update can meet', () => {
  const unclear = codes.filter((code) => /^(TRUST|DOWNLOAD|STAGE)_/.test(code) && errorCodes[code].reason === 'other');
  expect(unclear).toEqual([
    'DOWNLOAD_BUSY',
    'DOWNLOAD_INDEX_INVALID',
    'DOWNLOAD_PATCH_INVALID',
    'STAGE_OUTDATED',
    'STAGE_NOTHING',
    'STAGE_BUSY',
  ]);
});

it.each<[UpdateErrorCode, ErrorReason]>([
  ['DOWNLOAD_DNS', 'offline'],
  ['TRUST_CLOCK', 'clock'],
  ['TRUST_SERVER', 'server'],
  ['TRUST_FILE_MISSING', 'server'],
  ['TRUST_PUBLISHER_UNSIGNED', 'untrusted'],
  ['TRUST_ROLLBACK', 'untrusted'],
  ['INSTALL_VERIFY', 'untrusted'],
  ['STAGE_DISK_FULL', 'disk'],
  ['INSTALL_ELEVATION_REFUSED', 'permission'],
  ['INSTALL_FAILED', 'other'],
  ['CANCELLED', 'other'],
])('%s is %s', (code, reason) => {
  expect(errorCodes[code].reason).toBe(reason);
});
