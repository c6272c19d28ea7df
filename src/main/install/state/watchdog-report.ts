import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode, textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/**
 * The reason why the watchdog gave up the new version of this install, as the rest of a sentence that starts with the
 * version. `undefined` if it did not give it up.
 */
export async function readWatchdogReport(directory: string, id: string, logger: Logger): Promise<string | undefined> {
  try {
    const [of, why] = (await readFile(reportPath(directory), 'utf8')).split('\n');
    return of === id && why !== undefined && why !== '' ? why : undefined;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') logger.warn(`install: first-start cannot be read: ${textOf(error)}`);
    return undefined;
  }
}

export async function dropWatchdogReport(directory: string): Promise<void> {
  await rm(reportPath(directory), { force: true });
}

function reportPath(directory: string): string {
  return join(directory, 'first-start');
}
