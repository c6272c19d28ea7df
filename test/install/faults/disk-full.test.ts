// @module-tag slow
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { UpdateError } from '../../../src/shared/errors.ts';
import { mounting, requires } from '../../support/requires.ts';
import { type Kind, layOut, nextStart, openInstallation, stageRelease } from './rig.ts';

const page = 4096;

/** Each attempt has one more free page on the file system, so that every write of an install fails once. */
describe.each<[Kind, 'apps' | 'state']>([
  ['appimage', 'apps'],
  ['appimage', 'state'],
  ['portable', 'apps'],
  ['portable', 'state'],
])('%s on a disk that is full where it keeps its %s', requires(mounting), (kind, part) => {
  it('keeps the old version, reports why, and installs once there is space', async () => {
    const home = await mkdtemp(join(tmpdir(), 'full-'));
    const disk = join(home, part);
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    try {
      await layOut(home, kind, 'Notes', (version) => `echo ${version}`, kind === 'appimage' ? 60 : 20);
      const codes: string[] = [];
      for (let free = 0; codes.at(-1) !== 'installed'; free += 1) {
        const { installer, staging } = await openInstallation({ home, kind, version: '1.0.0' });
        const installation = { home, entry: '', installer, staging };
        await stageRelease(installation, kind);
        const staged = await staging.current();
        if (staged === undefined) throw new Error('Nothing is staged.');
        await fill(disk, free);
        const code = await installer.install(staged, undefined).then(
          () => 'installed',
          (error: unknown) => (error instanceof UpdateError ? error.code : String(error)),
        );
        codes.push(code);
        await rm(join(disk, 'filler'));
        const { version, left } = await nextStart({ home, kind });
        expect({ free, code, version, left }).toEqual({
          free,
          code,
          version: code === 'installed' ? '1.1.0' : '1.0.0',
          left: [],
        });
      }
      expect(new Set(codes)).toEqual(new Set(['INSTALL_DISK_FULL', 'installed']));
      console.info(`${kind}, ${part}: ${codes.length - 1} failed installs`);
    } finally {
      execFileSync('umount', ['--lazy', disk]);
      await rm(home, { recursive: true, force: true });
    }
  }, 120_000);
});

/** Fills the disk except for `free` pages. */
async function fill(disk: string, free: number): Promise<void> {
  const text = execFileSync('stat', ['-f', '-c', '%a', disk], { encoding: 'utf8' });
  await writeFile(join(disk, 'filler'), Buffer.alloc(Math.max(0, Number(text) - free) * page));
}
