import { expect, it } from 'vitest';

import { errorReason } from './error-reason.ts';
import { errorCodes, type UpdateErrorCode } from './errors.ts';

it('has calm words for every code that an app can meet', () => {
  const codes = (Object.keys(errorCodes) as UpdateErrorCode[]).filter((code) => /^(TRUST|DOWNLOAD|STAGE)_/.test(code));
  const unclear = codes.filter((code) => errorReason({ code }) === 'other');
  expect(unclear).toEqual([
    'DOWNLOAD_CANCELLED',
    'DOWNLOAD_BUSY',
    'DOWNLOAD_INDEX_INVALID',
    'DOWNLOAD_PATCH_INVALID',
    'STAGE_OUTDATED',
    'STAGE_NOTHING',
    'STAGE_BUSY',
  ]);
});

it.each([
  ['DOWNLOAD_DNS', 'offline'],
  ['TRUST_CLOCK', 'clock'],
  ['TRUST_SERVER', 'server'],
  ['TRUST_PUBLISHER_UNSIGNED', 'untrusted'],
  ['TRUST_ROLLBACK', 'untrusted'],
  ['INSTALL_VERIFY', 'untrusted'],
  ['STAGE_DISK_FULL', 'disk'],
  ['INSTALL_ELEVATION_REFUSED', 'permission'],
  ['INSTALL_FAILED', 'other'],
] as const)('%s is %s', (code, reason) => {
  expect(errorReason({ code })).toBe(reason);
});
