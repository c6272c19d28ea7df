import { UpdateError } from '../../shared/errors.ts';
import { isLoopback, parseSecureUrl } from './secure-url.ts';

/** One request of a chain of redirects. Pure data; {@link nextHop} makes the next one. */
export interface Hop {
  /** Without user, password and fragment. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Redirects that are followed for one GET. Browsers allow 20; no CDN needs more than a few. */
export const maxRedirects = 10;

/** What may follow to another origin: it says which bytes are wanted, and nothing about who asks. */
const harmlessHeaders = new Set(['accept', 'accept-encoding', 'if-range', 'range', 'user-agent']);
const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/**
 * The first request of a GET. User and password of the address become an `authorization` header, which follows the
 * same rule as every other header.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`
 */
export function firstHop(address: string, headers: Readonly<Record<string, string>>): Hop {
  const url = parseSecureUrl(address);
  const merged: Record<string, string> = { 'user-agent': 'electron-tuf-updater' };
  if (url.username !== '' || url.password !== '') merged['authorization'] = basicCredentials(url);
  for (const [name, value] of Object.entries(headers)) merged[name.toLowerCase()] = value;
  merged['accept-encoding'] = 'identity';
  return { url: bare(url), headers: merged };
}

/**
 * Where an answer redirects to, or `undefined` when it does not (RFC 9110, 15.4). A hop to another origin drops
 * credentials and every header that is not harmless, for good. No server elsewhere may point at this machine.
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
  if (url.username !== '' || url.password !== '' || (isLoopback(url) && !isLoopback(hop.url))) {
    throw new UpdateError(
      'DOWNLOAD_REDIRECT',
      `${hop.url.host} redirects to ${url.host} with credentials or on this machine, which is not allowed. Check the update server.`,
    );
  }
  return { url: bare(url), headers: url.origin === hop.url.origin ? hop.headers : harmless(hop.headers) };
}

function harmless(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.has(name)));
}

function basicCredentials(url: URL): string {
  const text = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  copy.hash = '';
  return copy;
}
