import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

import { displayUrl, isLoopback } from '../../main/http/secure-url.ts';
import { textOf, UpdateError } from '../../shared/errors.ts';
import { omitUndefined } from '../../shared/omit-undefined.ts';
import { classifyStatus, growingPause, retry } from '../../shared/retry.ts';

export interface ApiOptions {
  /** The RSTUF API, e.g. `https://rstuf.example.org`, with or without `/api/v1/`; a path before it is kept. */
  readonly url: string;
  /** Sent with every request, to this origin only: redirects are never followed. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds for one request. @defaultValue 30000 */
  readonly requestTimeoutMs?: number;
  /** Milliseconds for which an API that is busy or not ready is asked again. @defaultValue 60000 */
  readonly retryForMs?: number;
}

/** One JSON request to the API, retried where a retry can help. Resolves with the parsed body of a 2xx answer. */
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
/** A wrong address should be told soon, a short break of the network survived. */
const connectionTries = 4;

/**
 * Every POST that this product sends may be sent twice: RSTUF overwrites a path with the same description. So lost
 * connections and busy servers are retried, and the 404 "requires bootstrap finished" too, which RSTUF answers
 * by mistake while it is busy.
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
          const isLost = last instanceof UpdateError;
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

/** An answer, or the error of a connection that can be tried again. Other errors are thrown. */
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
    throw new UpdateError(
      'OPTIONS_INVALID',
      'Credentials do not belong into the API address. Use --token or --header.',
    );
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
        'The RSTUF API sent an endless answer. Check that --api is the address of an RSTUF API.',
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

/** Milliseconds until the same request is worth a retry, or `undefined` when it never is. */
function pauseAfter(answer: Answer, pause: number): number | undefined {
  const spurious = answer.status === 404 && /bootstrap/i.test(answer.text);
  // A 500 is a fault of RSTUF itself: the publisher should know at once.
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

/** What FastAPI or a gateway says, shortened to one line. */
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
