import { anySignal } from '../../../../shared/any-signal.ts';
import { errorCodes } from '../../../../shared/error-table.ts';
import { systemCode, UpdateError } from '../../../../shared/errors.ts';
import { classifyStatus, maxRetryAfterMs, parseRetryAfter, retry, retryDelayMs } from '../../../../shared/retry.ts';
import type { Clock, HttpClient, HttpResponse } from '../../../ports.ts';
import { delay } from './delay.ts';

/** Counts the cost of one refresh. */
export interface FetchStats {
  requests: number;
  bytes: number;
  /**
   * The `Date` of the last response (RFC 9110, section 6.6.1), in milliseconds. Used in explanations, never for a
   * decision.
   */
  serverTime?: number;
}

/** How to fetch small files. */
export interface FetchOptions {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly stats: FetchStats;
  readonly signal?: AbortSignal;
  /** Makes caches on the way revalidate with the server. */
  readonly uncached?: boolean;
  /**
   * Time limit for one attempt, in milliseconds. @defaultValue one minute, plus one second per 16 KiB of the size limit
   */
  readonly deadlineMs?: number;
}

const maxAttempts = 3;
/** A person does not wait longer than this for a check, so a later retry is left to the scheduler. In milliseconds. */
const maxWaitMs = 30_000;

/**
 * Fetches a small file as a whole. A missing file (404; 403 from S3) is `undefined`. If the server is busy or the
 * connection breaks, it tries three times. The pauses grow, have a random part, and respect the server's `Retry-After`
 * (RFC 9110, section 10.2.3).
 * @throws UpdateError `TRUST_OFFLINE`, `TRUST_SERVER`, `TRUST_TOO_LARGE`, `TRUST_CLOCK`, `CANCELLED`,
 * `DOWNLOAD_INSECURE_URL`
 */
export async function fetchBytes(
  url: string,
  maxBytes: number,
  options: FetchOptions,
): Promise<Uint8Array | undefined> {
  const result = await retry(
    () => fetchOnce(url, maxBytes, options),
    (last, attempts) => {
      if (!('failure' in last) || attempts === maxAttempts) return undefined;
      const { retryAfterMs } = last;
      if (retryAfterMs === undefined || retryAfterMs > maxWaitMs) return undefined;
      return retryDelayMs(attempts, Math.random(), retryAfterMs);
    },
    (ms) => delay(options.clock, ms, options),
  );
  if ('failure' in result) throw result.failure;
  return result.bytes;
}

type FetchResult =
  | { readonly bytes: Uint8Array | undefined }
  /** `retryAfterMs` is `undefined` if a retry is useless. */
  | { readonly failure: unknown; readonly retryAfterMs: number | undefined };

async function fetchOnce(url: string, maxBytes: number, options: FetchOptions): Promise<FetchResult> {
  const { http, clock, stats, signal, uncached = false } = options;
  const deadline = AbortSignal.timeout(options.deadlineMs ?? 60_000 + Math.ceil(maxBytes / 16));
  stats.requests += 1;
  try {
    const response = await http.get(url, {
      maxBytes,
      signal: anySignal(deadline, signal),
      ...(uncached ? { headers: { 'cache-control': 'no-cache' } } : {}),
    });
    recordTime(response, stats);
    if (response.status === 200) return { bytes: await readBody(response, stats) };
    response.cancel();
    if (response.status === 404 || response.status === 403) return { bytes: undefined };
    const isRetried = classifyStatus(response.status) === 'retry';
    const retryAfterMs = parseRetryAfter(response.headers['retry-after'], clock.now()) ?? 0;
    return {
      failure: badStatus(response),
      retryAfterMs: isRetried ? Math.min(retryAfterMs, maxRetryAfterMs) : undefined,
    };
  } catch (error) {
    const isTooSlow = deadline.aborted && signal?.aborted !== true;
    const isRetried = error instanceof UpdateError && errorCodes[error.code].retrySameServer === 'soon' && !isTooSlow;
    return { failure: isTooSlow ? tooSlow(url) : toTrustError(error, url), retryAfterMs: isRetried ? 0 : undefined };
  }
}

async function readBody(response: HttpResponse, stats: FetchStats): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) {
    chunks.push(chunk);
    stats.bytes += chunk.length;
  }
  return Buffer.concat(chunks);
}

function recordTime({ headers }: HttpResponse, stats: FetchStats): void {
  const time = Date.parse(headers['date'] ?? '');
  if (!Number.isNaN(time)) stats.serverTime = time;
}

function badStatus({ status, headers }: HttpResponse): UpdateError {
  const details = { status };
  if (status === 511) {
    const message = 'The network wants you to log in first (HTTP 511). Open a web page, log in, and try again.';
    return new UpdateError('TRUST_OFFLINE', message, { details });
  }
  const asked = headers['retry-after'] === undefined ? '' : ` and asks to come back later`;
  return new UpdateError(
    'TRUST_SERVER',
    `The update repository answered with HTTP status ${status}${asked}. Try again later.`,
    { details },
  );
}

/** Turns the error codes of the HTTP port into those of the trust module. */
function toTrustError(error: unknown, url: string): unknown {
  if (!(error instanceof UpdateError) || error.phase !== 'download') return error;
  const { host } = new URL(url);
  const options = { cause: error, details: { host } };
  if (error.code === 'DOWNLOAD_INSECURE_URL') return error;
  if (error.code === 'DOWNLOAD_TOO_LONG') {
    return new UpdateError(
      'TRUST_TOO_LARGE',
      'Update metadata is larger than allowed. Nothing was changed. If this lasts, tell the publisher.',
      options,
    );
  }
  if (error.code === 'DOWNLOAD_TLS' && systemCode(error.cause) === 'CERT_NOT_YET_VALID') {
    return new UpdateError(
      'TRUST_CLOCK',
      `The certificate of ${host} is not valid yet: this device's clock seems to be behind. Set it and try again.`,
      options,
    );
  }
  // The server answered, but not properly. Its certificate may also look invalid by this device's clock.
  if (errorCodes[error.code].reason === 'server') {
    return new UpdateError('TRUST_SERVER', error.message, options);
  }
  return new UpdateError('TRUST_OFFLINE', `The update repository cannot be reached. ${error.message}`, options);
}

function tooSlow(url: string): UpdateError {
  const { host } = new URL(url);
  return new UpdateError(
    'TRUST_OFFLINE',
    `${host} sends update metadata too slowly. Check the connection and try again.`,
    { details: { host } },
  );
}
