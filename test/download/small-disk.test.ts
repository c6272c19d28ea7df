import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { systemCode } from '../../src/shared/errors.ts';
import { createDownloadRig, type DownloadRig } from '../support/download-rig.ts';
import * as evil from '../support/evil-server.ts';
import { seededBytes } from '../support/random-bytes.ts';
import { mounting, requires } from '../support/requires.ts';

const bytes = seededBytes(3_000_000);
const page = 4096;

describe('a download to a small disk', requires(mounting), () => {
  let disk: string;
  let server: evil.EvilServer;
  let rig: DownloadRig;
  beforeAll(() => {
    disk = mkdtempSync(join(tmpdir(), 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk]);
  });
  afterAll(() => {
    execFileSync('umount', [disk]);
    rmSync(disk, { recursive: true });
  });
  beforeEach(async () => {
    server = await evil.startEvilServer(bytes);
    // Filling the disk takes a while. No time-out may end the download meanwhile.
    const patience = { headersTimeoutMs: 20_000, idleTimeoutMs: 20_000 };
    rig = await createDownloadRig(bytes, [server.url], { directory: disk, ...patience });
  });
  afterEach(async () => {
    await rig.close();
    await server.close();
    await rm(ballast(), { force: true });
  });
  const ballast = (): string => join(disk, 'ballast');
  /**
   * Fills the disk except for `free` bytes. Retries, because the downloader writes too and may take the free space
   * first.
   */
  const leaveFree = async (left: number): Promise<void> => {
    for (let tries = 0; ; tries += 1) {
      const { bavail, bsize } = await statfs(disk);
      try {
        return await writeFile(ballast(), Buffer.alloc(Math.max(0, bavail * bsize - left)));
      } catch (error) {
        if (systemCode(error) !== 'ENOSPC' || tries === 20) throw error;
        await rm(ballast());
      }
    }
  };

  it('does not start if the file does not fit', async () => {
    await leaveFree(bytes.length + 1_000_000);
    expect({
      outcome: await rig.run(),
      requests: server.requests,
      names: await rig.names(),
    }).toEqual({
      outcome: { code: 'DOWNLOAD_DISK_FULL' },
      requests: [],
      names: [],
    });
    await rm(ballast());
    expect(await rig.run()).toMatchObject({ right: true });
  });

  it.each([0, 1, 2, 3, 10, 33, 64, 65, 129, 300, 512, 700, 730].map((pages) => pages * page))(
    'keeps what is right when others fill it up to the last %i bytes in the meantime, and goes on later',
    async (left) => {
      server.once((turn) => {
        leaveFree(left).then(
          () => evil.good(turn),
          (error: unknown) => turn.response.destroy(error as Error),
        );
      });
      expect([await rig.run(), await rig.names()]).toEqual([
        { code: 'DOWNLOAD_DISK_FULL' },
        left < 64 * page ? expect.any(Array) : ['file.bin.part', 'file.bin.part.json'],
      ]);
      await rm(ballast());
      const outcome = await rig.run();
      expect(outcome).toMatchObject({ right: true, requests: 1 });
      expect('saved' in outcome && outcome.saved).toBeGreaterThanOrEqual(Math.max(0, left - 2 * 262_144 - page));
    },
  );

  it('reports a read-only disk', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    try {
      expect([await rig.run(), server.requests]).toEqual([{ code: 'DOWNLOAD_DISK' }, []]);
    } finally {
      execFileSync('mount', ['-o', 'remount,rw', disk]);
    }
    expect(await rig.run()).toMatchObject({ right: true });
  });
});
