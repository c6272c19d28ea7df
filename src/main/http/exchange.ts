import { UpdateError } from '../../shared/errors.ts';
import type { HttpClient, HttpRequestOptions, HttpResponse } from '../ports.ts';
import { Body, type Connection } from './body.ts';
import { compressionAdvice } from './failure.ts';
import { firstHop, type Hop, nextHop } from './hops.ts';

/**
 * Receives the events of one request in this order: `head`, any number of `data`, `end`. `fail` may come at any moment
 * instead.
 */
interface Receiver {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  data(chunk: Uint8Array): void;
  end(): void;
  fail(error: UpdateError): void;
}

/**
 * Sends one GET without following redirects. Calls the receiver only after it has returned. Everything that differs
 * between Node and Electron is behind this interface.
 */
export type Exchange = (hop: Hop, receiver: Receiver) => Connection;

interface HopResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

const defaultHeadersTimeoutMs = 15_000;
const defaultIdleTimeoutMs = 30_000;

/**
 * Implements the rules of the `HttpClient` port over any exchange: addresses, redirects, encodings, lengths, limits and
 * time-outs. `close` ends what keeps connections open; requests in flight are ended before it is called.
 */
export function createHttpClient(exchange: Exchange, close: () => Promise<void>): HttpClient {
  const closing = new AbortController();
  return {
    async close() {
      closing.abort();
      await close();
    },
    async get(address: string, given: HttpRequestOptions): Promise<HttpResponse> {
      const options = { ...given, signal: AbortSignal.any([closing.signal, ...(given.signal ? [given.signal] : [])]) };
      const redirects: string[] = [];
      const timeoutMs = options.headersTimeoutMs ?? defaultHeadersTimeoutMs;
      const deadline = performance.now() + timeoutMs;
      let hop = firstHop(address, options.headers ?? {});
      for (;;) {
        const response = await send(exchange, hop, options, { timeoutMs, leftMs: deadline - performance.now() });
        const next = followed(response, () =>
          nextHop(hop, response.status, response.headers['location'], redirects.length),
        );
        if (next === undefined) return toHttpResponse(hop, response, redirects);
        redirects.push(hop.url.href);
        hop = next;
      }
    },
  };
}

/** Follows a redirect. Discards the body of a response that redirects or whose redirect is refused. */
function followed(response: HopResponse, next: () => Hop | undefined): Hop | undefined {
  try {
    const hop = next();
    if (hop !== undefined) response.body.cancel();
    return hop;
  } catch (error) {
    response.body.cancel();
    throw error;
  }
}

function toHttpResponse(hop: Hop, { status, headers, body }: HopResponse, redirects: readonly string[]): HttpResponse {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    body.cancel();
    throw new UpdateError(
      'DOWNLOAD_PROTOCOL',
      `${hop.url.host} compressed its response (${encoding.slice(0, 40)}), although the client asked for none. ${compressionAdvice}`,
    );
  }
  return { status, headers, url: hop.url.href, redirects, body, cancel: () => body.cancel() };
}

/** Sends one hop. Resolves with the headers, after starting the limits of the body. */
function send(
  exchange: Exchange,
  hop: Hop,
  options: HttpRequestOptions & { readonly signal: AbortSignal },
  headersTimeout: { readonly timeoutMs: number; readonly leftMs: number },
): Promise<HopResponse> {
  const { signal } = options;
  if (signal.aborted) return Promise.reject(cancelled());
  const head = Promise.withResolvers<HopResponse>();
  const connection = exchange(hop, {
    head(status, headers) {
      clearTimeout(timer);
      body.expect(lengthOf(status, headers));
      head.resolve({ status, headers, body });
    },
    data: (chunk) => body.push(chunk),
    end: () => body.finish(),
    fail: (error) => body.fail(error),
  });
  const limits = { maxBytes: options.maxBytes, idleTimeoutMs: options.idleTimeoutMs ?? defaultIdleTimeoutMs };
  const body = new Body(connection, limits, (error) => {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    if (error !== undefined) head.reject(error);
  });
  const abort = (): void => body.fail(cancelled());
  signal.addEventListener('abort', abort);
  const onTimeout = (): void => body.fail(timedOut(hop, headersTimeout.timeoutMs));
  const timer = setTimeout(onTimeout, Math.max(1, headersTimeout.leftMs));
  return head.promise;
}

/**
 * The bytes that a body must have, if its head says so. The network stack alone is not enough: Chromium takes an HTTP/2
 * stream that the server resets with NO_ERROR (RFC 9113, 8.1) for a complete body.
 */
function lengthOf(status: number, headers: Readonly<Record<string, string>>): number | undefined {
  const length = headers['content-length'] ?? '';
  return (status === 200 || status === 206) && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The download was cancelled.');
}

function timedOut(hop: Hop, timeoutMs: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TIMEOUT',
    `${hop.url.host} did not answer within ${timeoutMs / 1000} seconds. Check the connection and try again.`,
  );
}

/** Headers in the form of the port. Repeated headers are joined (RFC 9110, 5.3). */
export function flattenHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
