import { UpdateError } from '../../shared/errors.ts';

/** Plain HTTP is allowed for these hosts only, because every system resolves them to itself. */
const loopbackHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** True for an address on this machine, the only place where plain HTTP carries no risk. */
export function isLoopback(url: URL): boolean {
  return loopbackHost.test(url.hostname);
}

/**
 * True for every name and address that leads to this machine on some system, loopback included. RFC 6761 reserves
 * `localhost` and all names below it, `0.0.0.0` and `[::]` connect to loopback on Linux and macOS, and an IPv6 address can
 * contain an IPv4 address.
 */
export function leadsToThisMachine({ hostname }: URL): boolean {
  const host = hostname.replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = /^\[.*\]$/.test(host) ? embeddedIPv4(host.slice(1, -1)) : host;
  return address === '::1' || /^(0|127)\.\d+\.\d+\.\d+$/.test(address);
}

/** Returns the IPv4 address in an IPv6 address if there is one (RFC 4291, 2.5.5; RFC 6052), otherwise `address` itself. */
function embeddedIPv4(address: string): string {
  if (address === '::') return '0.0.0.0';
  const [, high, low] = /^(?:::|::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (low === undefined || address === '::1') return address;
  const [first, second] = [parseInt(high ?? '0', 16), parseInt(low, 16)];
  return [first >> 8, first & 255, second >> 8, second & 255].join('.');
}

/**
 * Formats an address for logs and errors: without user name, password, query and fragment, because each may be a secret.
 * In a text that is no absolute address, everything before an `@` may be one too.
 */
export function displayUrl(address: string): string {
  const url = URL.parse(address);
  if (url !== null && url.host !== '') return `${url.protocol}//${url.host}${url.pathname}`;
  return address
    .replace(/^.*@/s, '…@')
    .replace(/[?#].*$/s, '')
    .slice(0, 200);
}

/**
 * The single rule for addresses: HTTPS everywhere, HTTP on loopback only.
 * @throws UpdateError `DOWNLOAD_INSECURE_URL`
 */
export function parseSecureUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null)
    throw insecureUrl(`${JSON.stringify(displayUrl(text))} is not a web address. Use a full https:// address.`);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw insecureUrl(
    `${url.protocol}//${url.host} is not HTTPS. Use https:// (plain http:// is allowed on loopback only).`,
  );
}

function insecureUrl(message: string): UpdateError {
  return new UpdateError('DOWNLOAD_INSECURE_URL', message);
}
