import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** An answer that ends a request before anything else looks at it. */
export interface Refusal {
  readonly status: 400 | 403 | 421;
  readonly text: string;
}

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Keeps other sites' pages out of a server on loopback, request by request: connections are shared. A page whose own
 * name resolves to 127.0.0.1 sends that name as `Host`. A page that asks across sites is named by `Origin` or
 * `Sec-Fetch-Site`; browsers leave out the latter for plain HTTP, so its absence proves nothing.
 */
export function refusalOf(
  { url = '', method = '', headers }: Pick<IncomingMessage, 'url' | 'method' | 'headers'>,
  port: number,
  /** Whether any page may link to the path. Without CORS no other site's page reads what it shows. */
  isPublic: (path: string) => boolean,
): Refusal | undefined {
  if (!url.startsWith('/')) return { status: 400, text: 'Ask for a path that begins with "/".\n' };
  const host = headers.host?.toLowerCase() ?? '';
  if (!loopbackNames.some((name) => host === `${name}:${port}` || (port === 80 && host === name))) {
    return {
      status: 421,
      text: `This server answers for http://127.0.0.1:${port} and http://localhost:${port} alone.\n`,
    };
  }
  const reads = method === 'GET' || method === 'HEAD';
  if (reads && isPublic(url.replace(/\?.*/s, ''))) return undefined;
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  const foreign =
    (origin !== undefined && origin.toLowerCase() !== `http://${host}`) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none');
  return foreign ? { status: 403, text: 'Pages of other sites are not answered here.\n' } : undefined;
}

/** Whether an `Authorization` header carries the token. The time it takes tells nothing about the token. */
export function hasToken(authorization: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`));
}
