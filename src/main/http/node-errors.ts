import { errors } from 'undici';

import { systemCode, textOf, type UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';
import { connectionFailure, type Stage } from './failure.ts';

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

/** Turns an error of undici or Node's sockets into an `UpdateError`. */
export function nodeFailure(error: unknown, host: string, stage: Stage): UpdateError {
  const reason = textOf(error) || (systemCode(error) ?? 'failed');
  return connectionFailure(classify(error, stage), host, reason, error);
}

function classify(error: unknown, stage: Stage): UpdateErrorCode {
  if (error instanceof errors.HTTPParserError) return 'DOWNLOAD_PROTOCOL';
  const code = systemCode(error) ?? '';
  if (tlsCode.test(code)) return 'DOWNLOAD_TLS';
  return codes.get(code) ?? (stage === 'body' ? 'DOWNLOAD_TRUNCATED' : 'DOWNLOAD_OFFLINE');
}
