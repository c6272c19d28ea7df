import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where the record of what is staged lies, in the private directory of an installation's updates. */
export function stagedRecordPath(directory: string): string {
  return join(directory, 'staged', 'staged.json');
}

/** Is something staged, whatever its record says? */
export function hasStagedRecord(directory: string): boolean {
  return existsSync(stagedRecordPath(directory));
}
