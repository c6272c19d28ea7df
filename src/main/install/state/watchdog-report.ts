import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { systemCode, textOf } from '../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';

/**
 * Why the watcher gave the version of this install up; continues a sentence that begins with the version. `undefined`
 * when it did not.
 */
export async function readWatchdogReport(directory: string, id: string, logger: Logger): Promise<string | undefined> {
  try {
    const [of, why] = (await readFile(verdictPath(directory), 'utf8')).split('\n');
    return of === id && why !== undefined && why !== '' ? why : undefined;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') logger.warn(`install: first-start cannot be read: ${textOf(error)}`);
    return undefined;
  }
}

export async function dropWatchdogReport(directory: string): Promise<void> {
  await rm(verdictPath(directory), { force: true });
}

function verdictPath(directory: string): string {
  return join(directory, 'first-start');
}
