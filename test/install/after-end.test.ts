import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { layOut, openInstallation, stageRelease } from './faults/rig.ts';

/**
 * Only one process at a time can open a profile: Electron keeps local storage, databases and cookies locked until its
 * process has ended. Here a kernel lock stands for the profile. The processes are real.
 */
describe('the new version', () => {
  let home: string;

  beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'after-end-'))));
  // The new version still writes for a moment after its confirmation.
  afterEach(async () => rm(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }));

  it.each<[string, (old: ReturnType<typeof spawn>) => void]>([
    ['has exited', (old) => old.stdin?.end()],
    ['was killed', (old) => old.kill('SIGKILL')],
  ])(
    'starts only after the old one %s, and can use the profile',
    async (_how, end) => {
      const app = join(import.meta.dirname, 'faults/app.ts');
      await layOut(home, 'appimage', 'Notes', (version) =>
        version === '1.0.0'
          ? 'exit'
          : `exec '${process.execPath}' '${app}' '${home}' appimage 1.1.0 'opens its profile'`,
      );
      await stageRelease(await openInstallation({ home, kind: 'appimage', version: '1.0.0' }), 'appimage');
      const old = spawn(process.execPath, [join(import.meta.dirname, 'faults/old-app.ts'), home], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      try {
        await once(old.stdout, 'data');
        const before = (await readdir(home)).includes('seen');
        end(old);
        await once(old, 'exit');
        const journal = async (): Promise<boolean> => (await readdir(join(home, 'state'))).includes('journal.json');
        await expect.poll(journal, { timeout: 30_000 }).toBe(false);
        expect({ startedBefore: before, profile: await readFile(join(home, 'seen'), 'utf8') }).toEqual({
          startedBefore: false,
          profile: 'free',
        });
      } finally {
        old.kill('SIGKILL');
      }
    },
    60_000,
  );
});
