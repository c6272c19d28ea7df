import { UpdateError } from '../../../shared/errors.ts';
import type { HttpClient } from '../../ports.ts';

/** Counts what one refresh cost. */
export interface Traffic {
  requests: number;
  bytes: number;
}

/** Fetches small files whole; a missing one is `undefined`. @throws UpdateError `TRUST_OFFLINE`, `TRUST_SERVER`, … */
export async function fetchWhole(
  http: HttpClient,
  url: string,
  maxBytes: number,
  traffic: Traffic,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  traffic.requests += 1;
  try {
    const response = await http.get(url, { maxBytes, ...(signal === undefined ? {} : { signal }) });
    if (response.status === 404 || response.status === 403) {
      response.cancel();
      return undefined;
    }
    if (response.status !== 200) {
      response.cancel();
      throw new UpdateError(
        'TRUST_SERVER',
        `The update repository answered with HTTP status ${response.status}. Try again later.`,
      );
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) {
      chunks.push(chunk);
      traffic.bytes += chunk.length;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw toTrustError(error, url);
  }
}

/** The download codes of the HTTP port in the trust room's own words. */
function toTrustError(error: unknown, url: string): unknown {
  if (!(error instanceof UpdateError) || !error.code.startsWith('DOWNLOAD_')) return error;
  if (error.code === 'DOWNLOAD_CANCELLED') return error;
  if (error.code === 'DOWNLOAD_TOO_LONG') {
    return new UpdateError('TRUST_TOO_LARGE', 'Update metadata is larger than allowed. Tell the publisher.', {
      cause: error,
    });
  }
  if (error.code === 'DOWNLOAD_TRUNCATED' || error.code === 'DOWNLOAD_REDIRECT') {
    return new UpdateError('TRUST_SERVER', error.message, { cause: error });
  }
  const where = new URL(url).origin;
  return new UpdateError(
    'TRUST_OFFLINE',
    `The update repository at ${where} can not be reached. Check the network and try again.`,
    { cause: error },
  );
}
