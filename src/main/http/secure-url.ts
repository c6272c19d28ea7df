import { UpdateError } from '../../shared/errors.ts';

const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** True for an address on this machine, the only place where plain HTTP carries no risk. */
export function isLoopback(url: URL): boolean {
  return loopbackHost.test(url.hostname);
}

/**
 * The single rule for addresses: HTTPS everywhere, HTTP on loopback only.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`
 */
export function parseSecureUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null)
    throw insecureUrl(`${JSON.stringify(text.slice(0, 200))} is not a web address. Use a full https:// address.`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw insecureUrl(
    `${url.protocol}//${url.host} is not HTTPS. Use https:// (plain http:// is allowed on loopback only).`,
  );
}

function insecureUrl(message: string): UpdateError {
  return new UpdateError('DOWNLOAD_INSECURE_URL', message);
}
