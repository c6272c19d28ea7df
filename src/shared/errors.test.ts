import { describe, expect, it } from 'vitest';

import { errorCodes } from './error-table.ts';
import { systemCode, toUpdateError, UpdateError, type UpdateErrorCode } from './errors.ts';

describe('UpdateError', () => {
  it('becomes plain data without its cause', () => {
    const error = new UpdateError('TRUST_EXPIRED', 'Try again later.', {
      cause: new Error('secret path'),
      details: { role: 'timestamp', version: 3 },
    });
    expect(error.toData()).toEqual({
      code: 'TRUST_EXPIRED',
      phase: 'trust',
      message: 'Try again later.',
      retriable: true,
      reason: 'server',
      details: { role: 'timestamp', version: 3 },
    });
  });

  it('wraps other errors only once', () => {
    const cause = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const wrapped = toUpdateError(cause, 'DOWNLOAD_DISK_FULL');
    expect([wrapped.code, wrapped.cause, toUpdateError(wrapped, 'TRUST_SERVER'), systemCode(cause)]).toEqual([
      'DOWNLOAD_DISK_FULL',
      cause,
      wrapped,
      'ENOSPC',
    ]);
  });

  it("has a sentence as summary for every code, and a phase from the code's name", () => {
    const wrong = (Object.keys(errorCodes) as UpdateErrorCode[]).filter(
      (code) =>
        !errorCodes[code].summary.endsWith('.') || code.split('_')[0] !== new UpdateError(code, '').phase.toUpperCase(),
    );
    expect(wrong).toEqual([]);
  });
});
