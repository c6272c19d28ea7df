// @module-tag slow
import { execFile } from 'node:child_process';
import { cp, lstat, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { requires } from '../../support/requires.ts';
import { type Kind, layOut, nextStart, openInstallation, stageRelease } from './rig.ts';

const childFile = join(import.meta.dirname, 'install-child.ts');
const run = promisify(execFile);

/**
 * Real errors of the kernel, injected with strace: file systems without some features (vfat has no links), and failing
 * disks.
 */
describe.each<Kind>(['appimage', 'portable'])('%s, where a system call fails', requires('strace'), (kind) => {
  let directory: string;
  let template: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'calls-'));
    template = join(directory, 'template');
    await layOut(template, kind, 'Notes', (version) => `echo ${version}`, 3);
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  /** Installs 1.1.0 while `calls` fail with `error`. `when` selects the calls that fail, by default all of them. */
  async function installWith(calls: string, error: string, when = '1+'): Promise<{ home: string; installed: boolean }> {
    const home = await mkdtemp(join(directory, 'home-'));
    await cp(template, home, { recursive: true, verbatimSymlinks: true });
    await stageRelease(await openInstallation({ home, kind, version: '1.0.0' }), kind);
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}:when=${when}`];
    const child = [process.execPath, childFile, home, kind, 'Notes', '0'];
    const installed = await run('strace', ['-f', '-qq', '-o', '/dev/null', ...inject, ...child], {
      // strace counts the calls of each thread separately.
      env: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'cache'), UV_THREADPOOL_SIZE: '1' },
    }).then(
      () => true,
      () => false,
    );
    return { home, installed };
  }

  it('is installed without hard links: the previous version is a copy', async () => {
    const { home, installed } = await installWith('link,linkat', 'EPERM');
    const previous = join(home, 'apps/.Notes.previous');
    const { nlink, mode } = await lstat(previous);
    const isSame = (await readFile(previous)).equals(await readFile(join(template, 'apps/Notes')));
    expect({ installed, nlink, mode: mode & 0o777, isSame }).toEqual({
      installed: true,
      nlink: 1,
      mode: 0o755,
      isSame: true,
    });
    expect(await nextStart({ home, kind })).toEqual({ version: '1.1.0', recovery: 'installed', left: [] });
  });

  it('is unchanged or updated if no symbolic link can be created', async () => {
    const { home, installed } = await installWith('symlink,symlinkat', 'EPERM');
    const version = kind === 'appimage' ? '1.1.0' : '1.0.0';
    expect({ installed, next: await nextStart({ home, kind }) }).toMatchObject({
      installed: kind === 'appimage',
      next: { version, left: [] },
    });
  });

  it.each([
    ['fsync', 'EIO', kind === 'appimage' ? 8 : 12],
    ['rename', 'EBUSY', 5],
  ])(
    'works after each failed %s, in one version or the other, and no other file is left',
    async (call, error, times) => {
      const found = await Promise.all(
        Array.from({ length: times }, async (_, index) => {
          const { home, installed } = await installWith(call, error, `${index + 1}`);
          const { version, left } = await nextStart({ home, kind });
          return { index, installed, version, left };
        }),
      );
      expect(found.filter(({ left }) => left.length > 0)).toEqual([]);
      expect(found.filter(({ installed, version }) => version !== (installed ? '1.1.0' : '1.0.0'))).toEqual([]);
      console.info(
        `${kind}: ${times} × ${call}, ${found.filter(({ installed }) => installed).length} installed all the same`,
      );
    },
  );
});
