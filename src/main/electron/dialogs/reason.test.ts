import { expect, it } from 'vitest';

import { errorCodes, type UpdateErrorCode } from '../../../shared/errors.ts';
import { english } from '../words/english.ts';
import { german } from '../words/german.ts';
import { reasonOf } from './reason.ts';

it('has calm words for every code that an app can meet', () => {
  const codes = (Object.keys(errorCodes) as UpdateErrorCode[]).filter((code) => /^(TRUST|DOWNLOAD|STAGE)_/.test(code));
  const unclear = codes.filter((code) => reasonOf({ code }) === 'reasonOther');
  expect(unclear).toEqual([
    'DOWNLOAD_CANCELLED',
    'DOWNLOAD_BUSY',
    'DOWNLOAD_INDEX_INVALID',
    'DOWNLOAD_PATCH_INVALID',
    'STAGE_NOTHING',
    'STAGE_BUSY',
  ]);
});

it.each([
  ['DOWNLOAD_DNS', 'reasonOffline'],
  ['TRUST_CLOCK', 'reasonClock'],
  ['TRUST_SERVER', 'reasonServer'],
  ['TRUST_PUBLISHER_UNSIGNED', 'reasonUntrusted'],
  ['TRUST_ROLLBACK', 'reasonUntrusted'],
  ['INSTALL_VERIFY', 'reasonUntrusted'],
  ['STAGE_DISK_FULL', 'reasonDisk'],
  ['INSTALL_ELEVATION_REFUSED', 'reasonPermission'],
  ['INSTALL_FAILED', 'reasonOther'],
] as const)('%s is %s', (code, reason) => {
  expect(reasonOf({ code })).toBe(reason);
});

it('has every text in both languages, with the same values in it', () => {
  const values = (words: object): unknown =>
    Object.entries(words as Record<string, string>).map(([name, text]) => [
      name,
      [...new Set(text.match(/\{\w+\}/g))].sort(),
    ]);
  expect(values(german)).toEqual(values(english));
});
