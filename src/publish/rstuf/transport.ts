import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

import { displayUrl, isLoopback } from '../../main/http/secure-url.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { classifyStatus, growingPause, retry } from '../../shared/retry.ts';

export interface ApiOptions {
  /** The RSTUF API's address, for example `https://rstuf.example.org`. A trailing `/api/v1/` is optional. */
  readonly url: string;
  /** Sent with every request. They never reach another origin, because redirects are not followed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds for one request. @defaultValue 30000 */
  readonly requestTimeoutMs?: number;
  /** Milliseconds for which requests are retried while the API is busy or not ready. @defaultValue 60000 */
  readonly retryForMs?: number;
}

/** Sends JSON requests to the API, retries them where that can help, and returns the parsed body of a 2xx response. */
export interface ApiTransport {
  send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
  readonly text: string;
}

const largestAnswer = 4 * 1024 * 1024;
const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** Few enough to report a wrong address soon, and enough to survive a short network failure. */
const connectionTries = 4;

/**
 * Creates a transport that retries after lost connections, when the server is busy, and after the 404 "requires bootstrap
 * finished", which RSTUF wrongly sends while it is busy. Retrying a POST is safe, because RSTUF overwrites a path with
 * the same description.
 * @throws UpdateError `OPTIONS_INVALID` for an address that would expose credentials
 */
export function createTransport(options: ApiOptions): ApiTransport {
  const base = parseBase(options);
  const agent = isLoopback(base) ? new Agent() : new EnvHttpProxyAgent();
  return {
    async send(method, path, body) {
      const deadline = performance.now() + (options.retryForMs ?? 60_000);
      let lost = 0;
      const answer = await retry(
        () => attempt(agent, new URL(path, base), method, body, options),
        (last, attempts) => {
          const pause = growingPause(attempts, firstPauseMs, longestPauseMs);
          const isLost = last instanceof UpdateError || (method === 'GET' && last.status === 500);
          if (isLost) lost += 1;
          const ms = isLost ? pause : pauseAfter(last, pause);
          const isLast = lost === connectionTries || ms === undefined || performance.now() + ms > deadline;
          return isLast ? undefined : ms;
        },
        (ms) => delay(ms, undefined, omitUndefined({ signal: options.signal })),
      );
      if (answer instanceof UpdateError) throw answer;
      if (answer.status >= 200 && answer.status < 300) return parseBody(answer.text, path);
      throw refusal(answer, method, path);
    },
    close: async () => agent.close(),
  };
}

/** Returns the response, or the error of a lost connection, which can be retried. Throws other errors. */
async function attempt(
  agent: Dispatcher,
  url: URL,
  method: 'GET' | 'POST',
  body: unknown,
  options: ApiOptions,
): Promise<Answer | UpdateError> {
  options.signal?.throwIfAborted();
  const timeout = options.requestTimeoutMs ?? 30_000;
  const signals = [AbortSignal.timeout(timeout), ...(options.signal === undefined ? [] : [options.signal])];
  try {
    const response = await request(url, {
      dispatcher: agent,
      method,
      headers: {
        ...options.headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any(signals),
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
    return {
      status: response.statusCode,
      retryAfter: headerOf(response.headers, 'retry-after'),
      location: headerOf(response.headers, 'location'),
      text: await readCapped(response.body),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof UpdateError) throw error;
    return unreachable(url, error);
  }
}

function parseBase(options: ApiOptions): URL {
  const url = URL.parse(options.url.replace(/\/*(api\/v1\/*)?$/, '/'));
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${displayUrl(options.url)}" is not the address of an RSTUF API. Use https://…`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UpdateError('OPTIONS_INVALID', 'The API address must not contain credentials. Use --token or --header.');
  }
  if (url.protocol === 'http:' && !isLoopback(url) && Object.keys(options.headers ?? {}).length > 0) {
    throw new UpdateError('OPTIONS_INVALID', `Credentials are not sent over plain HTTP. Use https:// for ${url.host}.`);
  }
  return url;
}

function headerOf(headers: Record<string, string | string[] | undefined>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function readCapped(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > largestAnswer) {
      throw new UpdateError(
        'PUBLISH_API',
        'The response of the RSTUF API is too large. Check that --api is the address of an RSTUF API.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UpdateError(
      'PUBLISH_API',
      `${path} did not answer with JSON. Check that --api is the address of an RSTUF API.`,
      {
        cause: error,
      },
    );
  }
}

/** Milliseconds to wait before retrying, or `undefined` if a retry cannot help. */
function pauseAfter(answer: Answer, pause: number): number | undefined {
  const spurious = answer.status === 404 && /bootstrap/i.test(answer.text);
  // A 500 is a fault in RSTUF itself, so it is reported at once for a POST. A GET is repeated by the caller: RSTUF answers
  // one with 500 when it meets another request.
  const isRetried = classifyStatus(answer.status) === 'retry' && answer.status !== 500;
  if (!spurious && !isRetried) return undefined;
  const seconds = Number(answer.retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.max(seconds * 1000, pause) : pause;
}

function refusal(answer: Answer, method: string, path: string): UpdateError {
  const { status } = answer;
  const what = `The RSTUF API answered ${method} ${path} with ${status}`;
  if (status === 401 || status === 403) {
    return new UpdateError('PUBLISH_UNAUTHORISED', `${what}: give valid credentials with --token or --header.`, {
      details: { status },
    });
  }
  if (status >= 300 && status < 400) {
    const target = answer.location === undefined ? 'another address' : JSON.stringify(displayUrl(answer.location));
    return new UpdateError(
      'PUBLISH_API',
      `${what}, a redirect to ${target}. Credentials never follow a redirect: give the final address with --api.`,
      { details: { status } },
    );
  }
  return new UpdateError('PUBLISH_API', `${what}: ${messageIn(answer.text)}`, { details: { status } });
}

/** The text of FastAPI or a gateway, shortened to one line. */
function messageIn(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) || 'no explanation was given.';
}

function unreachable(url: URL, error: unknown): UpdateError {
  return new UpdateError(
    'PUBLISH_UNREACHABLE',
    `The RSTUF API at ${url.origin} cannot be reached: ${reasonOf(error)}. Check the address and the network, then run the same command again.`,
    { cause: error },
  );
}

function reasonOf(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(textOf).join(', ') : textOf(error);
  return text === '' ? 'no connection' : text;
}
