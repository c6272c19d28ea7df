import { UpdateError, type UpdateErrorCode } from '../../shared/errors.ts';

/** The stage at which a request failed. */
export type Stage = 'head' | 'body';

const advice: Partial<Record<UpdateErrorCode, string>> = {
  DOWNLOAD_OFFLINE: 'Check the connection and try again.',
  DOWNLOAD_DNS: 'Check the connection and the address.',
  DOWNLOAD_TLS: 'Check the clock of this device, and whether software on the network inspects its connections.',
  DOWNLOAD_PROXY: 'Check the proxy settings.',
  DOWNLOAD_PROTOCOL: 'Check the address of the update server.',
  DOWNLOAD_TIMEOUT: 'Check the connection and try again.',
  DOWNLOAD_TRUNCATED: 'The connection broke off. Try again.',
};

/** The advice for a server that compresses what the client asked for as it is. */
export const compressionAdvice = 'Turn off compression for update files.';

/**
 * Turns a failed connection into an `UpdateError`. `reason` is the message of the network stack. The advice is that of
 * the code, unless a more precise one is given.
 */
export function connectionFailure(
  code: UpdateErrorCode,
  host: string,
  reason: string,
  cause: unknown,
  precise?: string,
): UpdateError {
  const sentence = `${host}: ${reason.replaceAll(/\s+/g, ' ').trim()}. ${precise ?? advice[code] ?? ''}`.trimEnd();
  return new UpdateError(code, sentence, { cause, details: { host } });
}
