import { UpdateError } from '../../../shared/errors.ts';
import type { HttpResponse } from '../../ports.ts';
import { classifyStatus, parseRetryAfter } from '../../../shared/retry.ts';
import type { ByteRange } from '../byte-ranges.ts';

/** The part of a response that decides how to handle it. */
export type ResponseHead = Pick<HttpResponse, 'status' | 'headers' | 'url'>;

export interface RangeRequest extends ByteRange {
  /** Bytes of the whole object, as signed. */
  readonly length: number;
  /** True if the request had a `Range` header. */
  readonly ranged: boolean;
  /** The strong validator sent as `If-Range`, if any. */
  readonly validator: string | undefined;
}

/** How to handle a response. */
export type ResponseClass =
  /** The body holds the bytes from `at` to `end`. */
  | {
      readonly type: 'body';
      readonly at: number;
      readonly end: number;
      readonly validator: string | undefined;
      /** Whether the server supports ranges. `undefined` until a response or a header shows it. */
      readonly acceptsRanges: boolean | undefined;
      /** The copy changed since the client received the validator that it sent. */
      readonly changed: boolean;
    }
  /** The same request may succeed soon. */
  | { readonly type: 'retry'; readonly error: UpdateError; readonly retryAfterMs: number | undefined }
  /** This server does not have the object, or not as it was signed. */
  | { readonly type: 'next-mirror'; readonly error: UpdateError };

/** Classifies a response by its status and headers (RFC 9110: 14 ranges, 13.1.5 If-Range, 15 status codes). Pure. */
export function classifyResponse(request: RangeRequest, response: ResponseHead, now: number): ResponseClass {
  const { status, headers } = response;
  const host = URL.parse(response.url)?.host ?? response.url;
  if (status === 206 && request.ranged) return classifyPartial(request, response, host);
  if (status === 200) return classifyWhole(request, response, host);
  const error = statusError(status, host);
  return classifyStatus(status) === 'retry'
    ? { type: 'retry', error, retryAfterMs: parseRetryAfter(headers['retry-after'], now) }
    : { type: 'next-mirror', error };
}

function classifyPartial(request: RangeRequest, { headers }: ResponseHead, host: string): ResponseClass {
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '');
  const [at, last, total] = [Number(range?.[1]), Number(range?.[2]), range?.[3]];
  const end = last + 1;
  if (range === null || at !== request.start || end <= at || end > request.end) {
    return { type: 'next-mirror', error: protocolError(host, 'answered with another range than the client requested') };
  }
  if ((total !== '*' && Number(total) !== request.length) || declaresOtherLength(headers, end - at)) {
    return { type: 'next-mirror', error: wrongLength(host, total ?? '?', request.length) };
  }
  const validator = strongValidator(headers);
  const changed = isOtherEdition(validator, request.validator);
  return { type: 'body', at, end, validator, acceptsRanges: true, changed };
}

function classifyWhole(request: RangeRequest, { headers }: ResponseHead, host: string): ResponseClass {
  if (declaresOtherLength(headers, request.length)) {
    return { type: 'next-mirror', error: wrongLength(host, headers['content-length'] ?? '?', request.length) };
  }
  const validator = strongValidator(headers);
  const changed = isOtherEdition(validator, request.validator);
  // A server that ignores a Range header whose condition holds does not support ranges.
  const acceptsRanges = request.ranged && !changed ? false : declaredRanges(headers['accept-ranges']);
  return { type: 'body', at: 0, end: request.length, validator, acceptsRanges, changed };
}

/** A server need not announce ranges (RFC 9110, 14.3). Without the header, the client tries them. */
function declaredRanges(acceptRanges: string | undefined): boolean | undefined {
  if (acceptRanges === undefined) return undefined;
  return acceptRanges.toLowerCase() === 'bytes' ? true : acceptRanges.toLowerCase() === 'none' ? false : undefined;
}

/** A server that sends no validator may still have the same edition. The hash will show it. */
function isOtherEdition(validator: string | undefined, known: string | undefined): boolean {
  return validator !== undefined && known !== undefined && validator !== known;
}

function declaresOtherLength(headers: ResponseHead['headers'], length: number): boolean {
  const declared = headers['content-length'];
  return declared !== undefined && Number(declared) !== length;
}

/**
 * The validator for `If-Range`: a strong entity tag, or else a Last-Modified at least one second older than the
 * response's Date (RFC 9110, 8.8.2.2).
 */
export function strongValidator(headers: ResponseHead['headers']): string | undefined {
  const tag = headers['etag'];
  if (tag !== undefined && /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(tag)) return tag;
  const modified = headers['last-modified'];
  const seconds = Date.parse(headers['date'] ?? '') - Date.parse(modified ?? '');
  return seconds >= 1000 ? modified : undefined;
}

function statusError(status: number, host: string): UpdateError {
  const details = { status, host };
  if (status === 404 || status === 410) {
    const message = `${host} does not have the file (HTTP ${status}). Check the targets address, or try again later.`;
    return new UpdateError('DOWNLOAD_NOT_FOUND', message, { details });
  }
  if (status === 511) {
    const message = `The network wants you to log in first (${host} answered with HTTP 511). Open a web page, log in, and try again.`;
    return new UpdateError('DOWNLOAD_HTTP_STATUS', message, { details });
  }
  return new UpdateError('DOWNLOAD_HTTP_STATUS', `${host} answered with HTTP ${status}. Try again later.`, { details });
}

function protocolError(host: string, what: string): UpdateError {
  return new UpdateError('DOWNLOAD_PROTOCOL', `${host} ${what}. Check the update server.`, { details: { host } });
}

function wrongLength(host: string, length: string, signed: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_MISMATCH',
    `${host} has a file of another length (${length} instead of ${signed} bytes). Check the update server.`,
    { details: { host, length, signed } },
  );
}
