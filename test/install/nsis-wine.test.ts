// @module-tag slow
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createNsisHook } from '../../src/main/install/hooks/nsis/hook.ts';
import { foreignFacts, installJob } from '../support/install-job.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { makeInstaller } from '../support/nsis-installer.ts';
import { requires } from '../support/requires.ts';
import { systemClock } from '../support/system-clock.ts';
import { createWine, type Wine } from '../support/wine.ts';

/** wine runs real NSIS installers in place of Windows. The tests check the files that they install. */
describe('the NSIS hook under wine', requires('makensis', '/usr/lib/wine/wine64'), () => {
  let directory: string;
  let wine: Wine;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'nsis-wine-'));
    wine = createWine(directory);
    await wine.run('cmd', ['/c', 'exit']);
  });
  afterAll(async () => {
    await wine.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  it.each(['Notes', 'My Notes', "50 %TEMP% 'x' `y` (z)"])(
    'installs into the folder it runs from: %s',
    async (folder) => {
      const home = join(wine.drive, 'Program Files', folder);
      await mkdir(home, { recursive: true });
      const name = 'Notes-1.1.0-win-x64.exe';
      const bytes = await readFile(await makeInstaller(directory, name, '1.1.0'));
      const hook = createNsisHook({
        facts: foreignFacts({ execPath: join(home, 'Notes.exe') }),
        directory: join(directory, `updates of ${folder}`),
        spawn: wine,
        clock: systemClock,
        logger: createRecordingLogger(),
        squirrel: undefined,
        windowsPublishers: [],
      });
      const job = await installJob({ directory, bytes, kind: 'nsis', name, relaunch: [] });
      await hook.prepare(job);
      const outcome = await hook.commit(job);
      await job.file.close();
      const commandLine = (await readFile(join(home, 'command-line.txt'), 'latin1')).trimEnd();
      expect({
        outcome,
        files: (await readdir(home)).toSorted(),
        version: await readFile(join(home, 'version.txt'), 'latin1'),
        commandLine: commandLine.slice(commandLine.indexOf('--updated')),
      }).toEqual({
        outcome: { launch: undefined, handedOver: true },
        files: ['command-line.txt', 'version.txt'],
        version: '1.1.0',
        // NSIS removes the argument /D= from the command line.
        commandLine: '--updated /S --force-run',
      });
    },
  );
});
