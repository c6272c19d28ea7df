import { describe, expect, it } from 'vitest';

import { type ResponseHead, type RangeRequest, classifyResponse, strongValidator } from './range-response.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const asked: RangeRequest = { start: 100, end: 1000, length: 1000, ranged: true, validator: '"v1"' };
const whole: RangeRequest = { start: 0, end: 1000, length: 1000, ranged: false, validator: undefined };

function judge(request: RangeRequest, status: number, headers: ResponseHead['headers'] = {}): unknown {
  const verdict = classifyResponse(request, { status, headers, url: 'https://example.org/f' }, now);
  return 'error' in verdict ? { ...verdict, error: verdict.error.code } : verdict;
}

describe('classifyResponse', () => {
  it('takes the range that was asked for', () => {
    expect(judge(asked, 206, { 'content-range': 'bytes 100-999/1000', 'content-length': '900', etag: '"v1"' })).toEqual(
      {
        type: 'body',
        at: 100,
        end: 1000,
        validator: '"v1"',
        acceptsRanges: true,
        changed: false,
      },
    );
  });

  it('takes a shorter range, and one whose total the server does not know', () => {
    expect(judge(asked, 206, { 'content-range': 'bytes 100-199/*' })).toMatchObject({
      type: 'body',
      at: 100,
      end: 200,
    });
  });

  it.each([
    ['no Content-Range', undefined],
    ['another start', 'bytes 99-999/1000'],
    ['more than was asked for', 'bytes 100-1000/1001'],
    ['an end before its start', 'bytes 100-99/1000'],
    ['another unit', 'lines 100-999/1000'],
    ['nonsense', 'bytes ?'],
  ])('refuses a 206 with %s', (_what, range) => {
    const headers = range === undefined ? {} : { 'content-range': range };
    expect(judge(asked, 206, headers)).toEqual({ type: 'elsewhere', error: 'DOWNLOAD_PROTOCOL' });
  });

  it.each([
    ['another total', { 'content-range': 'bytes 100-999/2000' }],
    ['a length that contradicts it', { 'content-range': 'bytes 100-999/1000', 'content-length': '901' }],
  ])('refuses a 206 with %s', (_what, headers) => {
    expect(judge(asked, 206, headers)).toEqual({ type: 'elsewhere', error: 'DOWNLOAD_MISMATCH' });
  });

  it('refuses a 206 that nobody asked for', () => {
    expect(judge(whole, 206, { 'content-range': 'bytes 0-999/1000' })).toMatchObject({ type: 'elsewhere' });
  });

  it('notices that a server with ranges has another edition', () => {
    const headers = { etag: '"v2"', 'accept-ranges': 'bytes', 'content-length': '1000' };
    expect(judge(asked, 200, headers)).toMatchObject({ type: 'body', at: 0, changed: true, acceptsRanges: true });
    expect(judge(asked, 206, { 'content-range': 'bytes 100-999/1000', etag: '"v2"' })).toMatchObject({ changed: true });
  });

  it('notices that a server ignores ranges, whatever it says of itself', () => {
    const headers = { etag: '"v1"', 'accept-ranges': 'bytes', 'content-length': '1000' };
    expect(judge(asked, 200, headers)).toMatchObject({ type: 'body', at: 0, changed: false, acceptsRanges: false });
  });

  it('learns from a whole answer whether there are ranges', () => {
    expect([judge(whole, 200), judge(whole, 200, { 'accept-ranges': 'bytes' })]).toMatchObject([
      { at: 0, end: 1000, acceptsRanges: undefined },
      { acceptsRanges: true },
    ]);
  });

  it('refuses a whole answer of another length', () => {
    expect(judge(whole, 200, { 'content-length': '999' })).toEqual({ type: 'elsewhere', error: 'DOWNLOAD_MISMATCH' });
  });

  it('tells later from elsewhere', () => {
    expect([
      judge(whole, 503, { 'retry-after': '3' }),
      judge(whole, 429),
      judge(whole, 404),
      judge(whole, 403),
      judge(asked, 416),
      judge(whole, 302),
    ]).toEqual([
      { type: 'later', error: 'DOWNLOAD_HTTP_STATUS', retryAfterMs: 3000 },
      { type: 'later', error: 'DOWNLOAD_HTTP_STATUS', retryAfterMs: undefined },
      { type: 'elsewhere', error: 'DOWNLOAD_NOT_FOUND' },
      { type: 'elsewhere', error: 'DOWNLOAD_HTTP_STATUS' },
      { type: 'elsewhere', error: 'DOWNLOAD_HTTP_STATUS' },
      { type: 'elsewhere', error: 'DOWNLOAD_HTTP_STATUS' },
    ]);
  });
});

describe('strongValidator', () => {
  const date = 'Sun, 22 Nov 2026 10:00:00 GMT';
  it.each([
    [{ etag: '"abc"' }, '"abc"'],
    [{ etag: 'W/"abc"' }, undefined],
    [{ etag: 'abc' }, undefined],
    [{ etag: '"a"b"' }, undefined],
    [{ 'last-modified': 'Sun, 22 Nov 2026 09:59:59 GMT', date }, 'Sun, 22 Nov 2026 09:59:59 GMT'],
    [{ 'last-modified': date, date }, undefined],
    [{ 'last-modified': date }, undefined],
    [{}, undefined],
  ] as [Record<string, string>, string | undefined][])('of %j is %j', (headers, validator) => {
    expect(strongValidator(headers)).toBe(validator);
  });
});
