import { systemClock } from '../../src/main/node/clock.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import type { HttpClient } from '../../src/main/ports.ts';
import { HttpTufClient } from '../../src/main/trust/tuf/client.ts';
import { UpdateError } from '../../src/shared/errors.ts';

/** A trust store and the repository that it follows. */
export interface Followed {
  readonly metadataUrl: string;
  readonly directory: string;
}

/** A refresh by a new client. Returns the version of the timestamp, or the code of the refusal. */
export async function refreshStore(
  { metadataUrl, directory }: Followed,
  anchor: Uint8Array,
  http: HttpClient,
): Promise<number | string> {
  const client = new HttpTufClient({
    anchor: { type: 'root', bytes: anchor },
    metadataUrl,
    targetsUrls: [metadataUrl],
    directory,
    http,
    clock: systemClock,
    logger: silentLogger,
    patience: { quick: [], long: [] },
  });
  try {
    return (await client.refresh()).timestampVersion;
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}
