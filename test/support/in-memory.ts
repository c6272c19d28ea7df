import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where a test's files cost no disk, if the system has such a place: fsync takes no time there. */
export const inMemory: string = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
