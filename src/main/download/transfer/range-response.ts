import { UpdateError } from '../../../shared/errors.ts';
import type { HttpResponse } from '../../ports.ts';
import { judgeStatus, parseRetryAfter } from '../../http/retry.ts';
import type { ByteRange } from '../byte-ranges.ts';

/** The part of an answer that decides what to do with it. */
export type ResponseHead = Pick<HttpResponse, 'status' | 'headers' | 'url'>;

export interface RangeRequest extends ByteRange {
  /** Bytes of the whole object, as signed. */
  readonly length: number;
  /** True when a `Range` was sent. */
  readonly ranged: boolean;
  /** The strong validator sent as `If-Range`, if any. */
  readonly validator: string | undefined;
}

/** What an answer means for a request. */
export type ResponseClass =
  /** The body holds the bytes from `at` to `end`. */
  | {
      readonly type: 'body';
      readonly at: number;
      readonly end: number;
      readonly validator: string | undefined;
      /** Whether the server serves ranges; `undefined` while neither an answer nor a header has told. */
      readonly acceptsRanges: boolean | undefined;
      /** What was fetched under the validator we sent is another edition's. */
      readonly changed: boolean;
    }
  /** The same request may work soon. */
  | { readonly type: 'later'; readonly error: UpdateError; readonly retryAfterMs: number | undefined }
  /** This server does not have the object, or not as it was signed. */
  | { readonly type: 'elsewhere'; readonly error: UpdateError };

/** Judges an answer by its status and headers (RFC 9110: 14 ranges, 13.1.5 If-Range, 15 status codes). Pure. */
export function classifyResponse(asked: RangeRequest, answer: ResponseHead, now: number): ResponseClass {
  const { status, headers } = answer;
  const host = URL.parse(answer.url)?.host ?? answer.url;
  if (status === 206 && asked.ranged) return judgePartial(asked, answer, host);
  if (status === 200) return judgeWhole(asked, answer, host);
  const error = statusError(status, host);
  return judgeStatus(status) === 'later'
    ? { type: 'later', error, retryAfterMs: parseRetryAfter(headers['retry-after'], now) }
    : { type: 'elsewhere', error };
}

function judgePartial(asked: RangeRequest, { headers }: ResponseHead, host: string): ResponseClass {
  const range = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(headers['content-range'] ?? '');
  const [at, last, total] = [Number(range?.[1]), Number(range?.[2]), range?.[3]];
  const end = last + 1;
  if (range === null || at !== asked.start || end <= at || end > asked.end) {
    return { type: 'elsewhere', error: protocolError(host, 'answered with another range than was asked for') };
  }
  if ((total !== '*' && Number(total) !== asked.length) || declaresOther(headers, end - at)) {
    return { type: 'elsewhere', error: wrongLength(host, total ?? '?', asked.length) };
  }
  const validator = strongValidator(headers);
  const changed = isOther(validator, asked.validator);
  return { type: 'body', at, end, validator, acceptsRanges: true, changed };
}

function judgeWhole(asked: RangeRequest, { headers }: ResponseHead, host: string): ResponseClass {
  if (declaresOther(headers, asked.length)) {
    return { type: 'elsewhere', error: wrongLength(host, headers['content-length'] ?? '?', asked.length) };
  }
  const validator = strongValidator(headers);
  const changed = isOther(validator, asked.validator);
  // A server that ignores a Range whose condition holds has no ranges.
  const acceptsRanges = asked.ranged && !changed ? false : declaredRanges(headers['accept-ranges']);
  return { type: 'body', at: 0, end: asked.length, validator, acceptsRanges, changed };
}

/** Servers need not announce ranges (RFC 9110, 14.3): without a word they are tried. */
function declaredRanges(acceptRanges: string | undefined): boolean | undefined {
  if (acceptRanges === undefined) return undefined;
  return acceptRanges.toLowerCase() === 'bytes' ? true : acceptRanges.toLowerCase() === 'none' ? false : undefined;
}

/** A server that names no validator may have the same edition: then the hash will tell. */
function isOther(validator: string | undefined, known: string | undefined): boolean {
  return validator !== undefined && known !== undefined && validator !== known;
}

function declaresOther(headers: ResponseHead['headers'], length: number): boolean {
  const declared = headers['content-length'];
  return declared !== undefined && Number(declared) !== length;
}

/**
 * The validator that may stand in `If-Range`: a strong entity tag, else a Last-Modified that the server saw from at least
 * a second away (RFC 9110, 8.8.2.2).
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
    `${host} offers a file of another length (${length} instead of ${signed} bytes). Check the update server.`,
    { details: { host, length, signed } },
  );
}
