import { textOf, type UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';
import { connectionFailure, type Stage } from '../http/failure.ts';

/** Chromium's network errors (net/base/net_error_list.h), as Electron names them: `net::ERR_…`. First match wins. */
const patterns: readonly (readonly [RegExp, UpdateErrorCode])[] = [
  [/ERR_(PROXY|TUNNEL|SOCKS|HTTPS_PROXY|MANDATORY_PROXY|NO_SUPPORTED_PROXIES)/, 'DOWNLOAD_PROXY'],
  [/ERR_(NAME_|DNS_|ICANN_NAME)/, 'DOWNLOAD_DNS'],
  [/ERR_(CERT_|SSL_|BAD_SSL|ECH_)/, 'DOWNLOAD_TLS'],
  [/ERR_(TIMED_OUT|CONNECTION_TIMED_OUT)/, 'DOWNLOAD_TIMEOUT'],
  [/ERR_(CONTENT_LENGTH_MISMATCH|INCOMPLETE_)/, 'DOWNLOAD_TRUNCATED'],
  [
    /ERR_(INVALID_RESPONSE|INVALID_HTTP_RESPONSE|INVALID_CHUNKED|RESPONSE_HEADERS|CONTENT_DECODING|HTTP2_|QUIC_)/,
    'DOWNLOAD_PROTOCOL',
  ],
  [/ERR_UNSAFE_REDIRECT|ERR_TOO_MANY_REDIRECTS|ERR_INVALID_REDIRECT/, 'DOWNLOAD_REDIRECT'],
];

/** Gives what Electron's net module reports one of the product's codes. */
export function netFailure(error: unknown, host: string, stage: Stage): UpdateError {
  const text = textOf(error);
  const known = patterns.find(([pattern]) => pattern.test(text))?.[1];
  return connectionFailure(known ?? (stage === 'body' ? 'DOWNLOAD_TRUNCATED' : 'DOWNLOAD_OFFLINE'), host, text, error);
}
