import { UpdateError } from '../../shared/errors.ts';
import { isLoopback, leadsToThisMachine, parseSecureUrl } from './secure-url.ts';

/** One request in a chain of redirects. Pure data; {@link nextHop} makes the next one. */
export interface Hop {
  /** Without user name, password and fragment. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The most redirects for one GET. Browsers allow 20; no CDN needs more than a few. */
export const maxRedirects = 10;

/** Headers that may go to another origin. They say which bytes the client wants, but nothing about the client. */
const harmlessHeaders = new Set(['accept', 'accept-encoding', 'if-range', 'range', 'user-agent']);
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * The first request of a GET. A user name and password in the address become an `authorization` header, which follows
 * the same rules as every other header.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`
 */
export function firstHop(address: string, headers: Readonly<Record<string, string>>): Hop {
  const url = parseSecureUrl(address);
  const merged: Record<string, string> = { 'user-agent': 'electron-tuf-updater' };
  if (url.username !== '' || url.password !== '') merged['authorization'] = basicCredentials(url);
  for (const [name, value] of Object.entries(headers)) merged[name.toLowerCase()] = value;
  merged['accept-encoding'] = 'identity';
  return { url: withoutCredentials(url), headers: merged };
}

/**
 * The request that a response redirects to, or `undefined` if the response does not redirect (RFC 9110, 15.4). A hop to
 * another origin drops credentials and every header that is not harmless; later hops do not restore them. A server
 * elsewhere may not redirect to this machine.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`, `DOWNLOAD_REDIRECT`
 */
export function nextHop(hop: Hop, status: number, location: string | undefined, followed: number): Hop | undefined {
  if (!redirectStatuses.has(status) || location === undefined) return undefined;
  if (followed >= maxRedirects) {
    throw new UpdateError(
      'DOWNLOAD_REDIRECT',
      `${hop.url.host} redirects more than ${maxRedirects} times. Check the address of the update server.`,
    );
  }
  const url = parseSecureUrl(location, hop.url);
  if (url.username !== '' || url.password !== '' || (leadsToThisMachine(url) && !isLoopback(hop.url))) {
    throw new UpdateError(
      'DOWNLOAD_REDIRECT',
      `${hop.url.host} redirects to ${url.host}. A redirect with credentials or to this machine is not allowed. Check the update server.`,
    );
  }
  return {
    url: withoutCredentials(url),
    headers: url.origin === hop.url.origin ? hop.headers : onlyHarmless(hop.headers),
  };
}

function onlyHarmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.has(name)));
}

function basicCredentials(url: URL): string {
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

function withoutCredentials(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy;
}
