import { isLoopback } from '../../../main/http/secure-url.ts';
import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import { createRstufApi } from '../../rstuf/rstuf-api.ts';
import type { ApiOptions } from '../../rstuf/transport.ts';
import type { RstufFacts } from '../checks/rstuf.ts';

/** Milliseconds for which doctor asks a busy API again. A person waits for the answer. */
const retryForMs = 5_000;

/** Reads the settings of RSTUF and tests whether the API answers without credentials. Changes nothing. */
export async function askRstuf(options: ApiOptions, seenRootVersion: number | undefined): Promise<RstufFacts> {
  try {
    const settings = await settingsFrom({ ...options, retryForMs });
    const hasCredentials = Object.keys(options.headers ?? {}).length > 0;
    const open = hasCredentials ? await isOpen({ ...options, headers: {}, retryForMs }) : true;
    return { type: 'settings', settings, seenRootVersion, open, local: isLoopback(new URL(options.url)) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    return { type: 'failed', code, message };
  }
}

async function settingsFrom(options: ApiOptions): Promise<Readonly<Record<string, unknown>>> {
  const api = createRstufApi(options);
  try {
    return await api.config();
  } finally {
    await api.close();
  }
}

/** Any answer other than the settings means that the API asks for credentials. */
async function isOpen(options: ApiOptions): Promise<boolean> {
  try {
    await settingsFrom(options);
    return true;
  } catch (error) {
    if (error instanceof UpdateError && error.code !== 'PUBLISH_UNREACHABLE') return false;
    throw error;
  }
}
