import { UpdateError } from '../../shared/errors.ts';
import type { HttpClient, HttpRequestOptions, HttpResponse } from '../ports.ts';
import { Body, type Connection } from './body.ts';
import { firstHop, type Hop, nextHop } from './hops.ts';

/** What a connection tells of one request, in this order: `head`, `data` …, `end`; or `fail` at any moment. */
interface Receiver {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  data(chunk: Uint8Array): void;
  end(): void;
  fail(error: UpdateError): void;
}

/**
 * Sends one GET without following redirects, and tells the receiver once it has returned. All that differs between Node
 * and Electron is behind this.
 */
export type Exchange = (hop: Hop, receiver: Receiver) => Connection;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

const defaultHeadersTimeoutMs = 15_000;
const defaultIdleTimeoutMs = 30_000;

/** The rules of the `HttpClient` port over any exchange: addresses, redirects, encodings, caps and time-outs. */
export function createHttpClient(exchange: Exchange, close: () => Promise<void>): HttpClient {
  return {
    close,
    async get(address: string, options: HttpRequestOptions): Promise<HttpResponse> {
      const redirects: string[] = [];
      const timeoutMs = options.headersTimeoutMs ?? defaultHeadersTimeoutMs;
      const deadline = performance.now() + timeoutMs;
      let hop = firstHop(address, options.headers ?? {});
      for (;;) {
        const answer = await send(exchange, hop, options, { timeoutMs, leftMs: deadline - performance.now() });
        const next = followed(answer, () => nextHop(hop, answer.status, answer.headers['location'], redirects.length));
        if (next === undefined) return response(hop, answer, redirects);
        redirects.push(hop.url.href);
        hop = next;
      }
    },
  };
}

/** Discards an answer that redirects, and one whose redirect is refused. */
function followed(answer: Answer, next: () => Hop | undefined): Hop | undefined {
  try {
    const hop = next();
    if (hop !== undefined) answer.body.cancel();
    return hop;
  } catch (error) {
    answer.body.cancel();
    throw error;
  }
}

function response(hop: Hop, { status, headers, body }: Answer, redirects: readonly string[]): HttpResponse {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    body.cancel();
    throw new UpdateError(
      'DOWNLOAD_PROTOCOL',
      `${hop.url.host} compressed its answer (${encoding.slice(0, 40)}) though it was asked not to. Switch compression off for update files.`,
    );
  }
  return { status, headers, url: hop.url.href, redirects, body, cancel: () => body.cancel() };
}

/** One hop: resolves when the headers are there, having armed the body's own limits. */
function send(
  exchange: Exchange,
  hop: Hop,
  options: HttpRequestOptions,
  headersTimeout: { readonly timeoutMs: number; readonly leftMs: number },
): Promise<Answer> {
  const { signal } = options;
  if (signal?.aborted === true) return Promise.reject(cancelled());
  const head = Promise.withResolvers<Answer>();
  const connection = exchange(hop, {
    head(status, headers) {
      clearTimeout(timer);
      head.resolve({ status, headers, body });
    },
    data: (chunk) => body.push(chunk),
    end: () => body.finish(),
    fail: (error) => body.fail(error),
  });
  const limits = { maxBytes: options.maxBytes, idleTimeoutMs: options.idleTimeoutMs ?? defaultIdleTimeoutMs };
  const body = new Body(connection, limits, (error) => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    if (error !== undefined) head.reject(error);
  });
  const abort = (): void => body.fail(cancelled());
  signal?.addEventListener('abort', abort);
  const late = (): void => body.fail(unanswered(hop, headersTimeout.timeoutMs));
  const timer = setTimeout(late, Math.max(1, headersTimeout.leftMs));
  return head.promise;
}

function cancelled(): UpdateError {
  return new UpdateError('CANCELLED', 'The download was cancelled.');
}

function unanswered(hop: Hop, timeoutMs: number): UpdateError {
  return new UpdateError(
    'DOWNLOAD_TIMEOUT',
    `${hop.url.host} did not answer within ${timeoutMs / 1000} seconds. Check the connection and try again.`,
  );
}

/** Headers as the port wants them; repeated ones are joined (RFC 9110, 5.3). */
export function flattenHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
