import { describe, expect, it } from 'vitest';

import { type ResponseHead, type RangeRequest, classifyResponse, strongValidator } from './range-response.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const ranged: RangeRequest = { start: 100, end: 1000, length: 1000, ranged: true, validator: '"v1"' };
const whole: RangeRequest = { start: 0, end: 1000, length: 1000, ranged: false, validator: undefined };

function classify(request: RangeRequest, status: number, headers: ResponseHead['headers'] = {}): unknown {
  const result = classifyResponse(request, { status, headers, url: 'https://example.org/f' }, now);
  return 'error' in result ? { ...result, error: result.error.code } : result;
}

describe('classifyResponse', () => {
  it('accepts the requested range', () => {
    expect(
      classify(ranged, 206, { 'content-range': 'bytes 100-999/1000', 'content-length': '900', etag: '"v1"' }),
    ).toEqual({
      type: 'body',
      at: 100,
      end: 1000,
      validator: '"v1"',
      acceptsRanges: true,
      changed: false,
    });
  });

  it('accepts a shorter range, and one with an unknown total', () => {
    expect(classify(ranged, 206, { 'content-range': 'bytes 100-199/*' })).toMatchObject({
      type: 'body',
      at: 100,
      end: 200,
    });
  });

  it.each([
    ['no Content-Range', undefined],
    ['another start', 'bytes 99-999/1000'],
    ['more than was requested', 'bytes 100-1000/1001'],
    ['an end before its start', 'bytes 100-99/1000'],
    ['another unit', 'lines 100-999/1000'],
    ['nonsense', 'bytes ?'],
  ])('refuses a 206 with %s', (_what, range) => {
    const headers = range === undefined ? {} : { 'content-range': range };
    expect(classify(ranged, 206, headers)).toEqual({ type: 'next-mirror', error: 'DOWNLOAD_PROTOCOL' });
  });

  it.each([
    ['another total', { 'content-range': 'bytes 100-999/2000' }],
    ['a length that contradicts it', { 'content-range': 'bytes 100-999/1000', 'content-length': '901' }],
  ])('refuses a 206 with %s', (_what, headers) => {
    expect(classify(ranged, 206, headers)).toEqual({ type: 'next-mirror', error: 'DOWNLOAD_MISMATCH' });
  });

  it('refuses a 206 without a range request', () => {
    expect(classify(whole, 206, { 'content-range': 'bytes 0-999/1000' })).toMatchObject({ type: 'next-mirror' });
  });

  it('detects another edition on a server with ranges', () => {
    const headers = { etag: '"v2"', 'accept-ranges': 'bytes', 'content-length': '1000' };
    expect(classify(ranged, 200, headers)).toMatchObject({ type: 'body', at: 0, changed: true, acceptsRanges: true });
    expect(classify(ranged, 206, { 'content-range': 'bytes 100-999/1000', etag: '"v2"' })).toMatchObject({
      changed: true,
    });
  });

  it('detects a server that ignores ranges, whatever it announces', () => {
    const headers = { etag: '"v1"', 'accept-ranges': 'bytes', 'content-length': '1000' };
    expect(classify(ranged, 200, headers)).toMatchObject({ type: 'body', at: 0, changed: false, acceptsRanges: false });
  });

  it('learns from a whole response whether the server supports ranges', () => {
    expect([classify(whole, 200), classify(whole, 200, { 'accept-ranges': 'bytes' })]).toMatchObject([
      { at: 0, end: 1000, acceptsRanges: undefined },
      { acceptsRanges: true },
    ]);
  });

  it('refuses a whole response of another length', () => {
    expect(classify(whole, 200, { 'content-length': '999' })).toEqual({
      type: 'next-mirror',
      error: 'DOWNLOAD_MISMATCH',
    });
  });

  it('says that the network wants a log-in first (RFC 6585, HTTP 511)', () => {
    const result = classifyResponse(whole, { status: 511, headers: {}, url: 'https://example.org/f' }, now);
    const message = expect.stringContaining('log in first') as string;
    expect(result).toMatchObject({ error: { code: 'DOWNLOAD_HTTP_STATUS', message } });
  });

  it('separates a retry from the next mirror', () => {
    expect({
      unavailable: classify(whole, 503, { 'retry-after': '3' }),
      tooMany: classify(whole, 429),
      notFound: classify(whole, 404),
      forbidden: classify(whole, 403),
      rangeNotSatisfiable: classify(ranged, 416),
      redirect: classify(whole, 302),
    }).toEqual({
      unavailable: { type: 'retry', error: 'DOWNLOAD_HTTP_STATUS', retryAfterMs: 3000 },
      tooMany: { type: 'retry', error: 'DOWNLOAD_HTTP_STATUS', retryAfterMs: undefined },
      notFound: { type: 'next-mirror', error: 'DOWNLOAD_NOT_FOUND' },
      forbidden: { type: 'next-mirror', error: 'DOWNLOAD_HTTP_STATUS' },
      rangeNotSatisfiable: { type: 'next-mirror', error: 'DOWNLOAD_HTTP_STATUS' },
      redirect: { type: 'next-mirror', error: 'DOWNLOAD_HTTP_STATUS' },
    });
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
