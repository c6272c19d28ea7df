import { mkdtemp, mkdir, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { foreignFacts } from '../../../test/support/install-job.ts';
import { isOwnAppImage } from '../install/location/install-path.ts';
import { realEnvironment } from './real-environment.ts';

describe('an AppImage whose temporary directory is behind a symbolic link', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'real-environment-')));
    await mkdir(join(directory, 'disk/.mount_notes'), { recursive: true });
    await symlink('disk', join(directory, 'tmp'));
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  it('knows that it runs from its mount', () => {
    const env = { APPIMAGE: '/home/ada/Notes.AppImage', APPDIR: join(directory, 'tmp/.mount_notes') };
    const execPath = join(directory, 'disk/.mount_notes/notes');
    const own = (given: typeof env): boolean => isOwnAppImage(foreignFacts({ env: given, execPath }));
    expect({ asGiven: own(env), asReal: own({ ...env, ...realEnvironment(env) }) }).toEqual({
      asGiven: false,
      asReal: true,
    });
  });

  it('leaves missing paths and unset variables unchanged', () => {
    const env = { APPDIR: '/nowhere/at/all', SNAP: '', HOME: '/home/ada' };
    expect(realEnvironment(env)).toEqual(env);
  });
});
