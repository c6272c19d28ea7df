import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An answer that rejects a request before it is handled. */
export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly text: string;
}

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Rejects requests from pages of other sites. Checks each request, because connections are shared. A page whose own name
 * resolves to 127.0.0.1 sends that name as `Host`. A cross-site request has a foreign `Origin` or `Sec-Fetch-Site`. Browsers
 * omit the latter for plain HTTP, so its absence proves nothing.
 */
export function refusalOf(
  { url = '', method = '', headers }: Pick<IncomingMessage, 'url' | 'method' | 'headers'>,
  port: number,
  /** Whether any page may link to the path. Without CORS, pages of other sites cannot read the response. */
  isPublic: (path: string) => boolean,
): Refusal | undefined {
  if (!url.startsWith('/')) return { status: 400, text: 'The request target must be a path that starts with "/".\n' };
  const host = headers.host?.toLowerCase() ?? '';
  if (!loopbackNames.some((name) => host === `${name}:${port}` || (port === 80 && host === name))) {
    return {
      status: 421,
      text: `This server only answers requests for http://127.0.0.1:${port} and http://localhost:${port}.\n`,
    };
  }
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && isPublic(url.replace(/\?.*/s, ''))) return undefined;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const foreign =
    (origin !== undefined && origin.toLowerCase() !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  return foreign ? { status: 403, text: 'This server does not answer pages of other sites.\n' } : undefined;
}

/** Whether an `Authorization` header has the token. Compares in constant time. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
