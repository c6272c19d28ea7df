import { errors } from 'undici';

import { systemCode, textOf, UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';

/** How far a request had come when it failed. */
export type Stage = 'head' | 'body';

const codes = new Map<string, UpdateErrorCode>([
  ['ENOTFOUND', 'DOWNLOAD_DNS'],
  ['EAI_AGAIN', 'DOWNLOAD_DNS'],
  ['ETIMEDOUT', 'DOWNLOAD_TIMEOUT'],
  ['UND_ERR_CONNECT_TIMEOUT', 'DOWNLOAD_TIMEOUT'],
  ['EPROTO', 'DOWNLOAD_TLS'],
  ['UND_ERR_PRX_TLS', 'DOWNLOAD_PROXY'],
  ['UND_ERR_PRX_CONN', 'DOWNLOAD_PROXY'],
  ['UND_ERR_ABORTED', 'DOWNLOAD_PROXY'],
  ['UND_ERR_HEADERS_OVERFLOW', 'DOWNLOAD_PROTOCOL'],
]);
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA)/;

const advice: Partial<Record<UpdateErrorCode, string>> = {
  DOWNLOAD_OFFLINE: 'Check the connection and try again.',
  DOWNLOAD_DNS: 'Check the connection and the address.',
  DOWNLOAD_TLS: 'Check the clock of this device, and whether something inspects its connections.',
  DOWNLOAD_PROXY: 'Check the proxy settings (HTTPS_PROXY, NO_PROXY).',
  DOWNLOAD_PROTOCOL: 'Check the address of the update server.',
  DOWNLOAD_TIMEOUT: 'Check the connection and try again.',
  DOWNLOAD_TRUNCATED: 'The connection broke off. Try again.',
};

/** Gives what undici and Node's sockets throw one of the product's codes. */
export function nodeFailure(error: unknown, host: string, stage: Stage): UpdateError {
  const code = error instanceof errors.HTTPParserError ? 'DOWNLOAD_PROTOCOL' : classify(systemCode(error) ?? '', stage);
  const reason = (textOf(error) || (systemCode(error) ?? 'failed')).replaceAll(/\s+/g, ' ').trim();
  return new UpdateError(code, `${host}: ${reason}. ${advice[code] ?? ''}`.trimEnd(), {
    cause: error,
    details: { host },
  });
}

function classify(code: string, stage: Stage): UpdateErrorCode {
  if (tlsCode.test(code)) return 'DOWNLOAD_TLS';
  return codes.get(code) ?? (stage === 'body' ? 'DOWNLOAD_TRUNCATED' : 'DOWNLOAD_OFFLINE');
}
