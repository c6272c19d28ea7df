import { UpdateError } from '../../shared/errors.ts';

const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** True for this machine itself: the one place where plain HTTP carries no risk. */
export function isLoopback(url: URL): boolean {
  return loopbackHost.test(url.hostname);
}

/**
 * The one rule for addresses: HTTPS everywhere, HTTP on loopback only.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`
 */
export function parseSecureUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null)
    throw refused(`${JSON.stringify(text.slice(0, 200))} is not a web address. Give a full https:// one.`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw refused(`${url.protocol}//${url.host} is not HTTPS. Use https:// (plain http:// is allowed on loopback only).`);
}

function refused(message: string): UpdateError {
  return new UpdateError('DOWNLOAD_INSECURE_URL', message);
}
