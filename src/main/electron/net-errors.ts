import { textOf, type UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';
import { compressionAdvice, connectionFailure, type Stage } from '../http/failure.ts';

/** Chromium's network errors (net/base/net_error_list.h), which Electron names `net::ERR_…`. The first match counts. */
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

/** Converts an error of Electron's net module to an error with a code. */
export function netFailure(error: unknown, host: string, stage: Stage): UpdateError {
  const text = textOf(error);
  // An HTTP/2 or QUIC stream that breaks off in mid-body tells as much about the server as a broken connection does.
  const isBroken = stage === 'body' && /ERR_(HTTP2|QUIC)_/.test(text);
  const known = isBroken ? undefined : patterns.find(([pattern]) => pattern.test(text))?.[1];
  const code = known ?? (stage === 'body' ? 'DOWNLOAD_TRUNCATED' : 'DOWNLOAD_OFFLINE');
  // Chromium refuses an encoding that the request does not accept, before the updater can read the response.
  const precise = /ERR_CONTENT_DECODING/.test(text) ? compressionAdvice : undefined;
  return connectionFailure(code, host, text, error, precise);
}
