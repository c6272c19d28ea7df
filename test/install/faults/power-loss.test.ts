// @module-tag slow
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { inMemory } from '../../support/in-memory.ts';
import { crashStates, type DiskLog, finalState } from '../../support/power-loss/crash-states.ts';
import { fingerprint, materialise } from '../../support/power-loss/disk.ts';
import { recordDisk } from '../../support/power-loss/record-disk.ts';
import { type Kind, layOut, nextStart, openInstallation, stageRelease } from './rig.ts';

const files = 3;

/**
 * After a power loss, the disk holds everything that was synced and any part of the rest. The test creates each such
 * disk and starts the app on it.
 */
describe.each<Kind>(['appimage', 'portable'])('the power fails while %s', (kind) => {
  let directory: string;
  let home: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(inMemory, 'power-'));
    home = join(directory, 'home');
    await layOut(home, kind, 'Notes', (version) => `echo ${version}`, files);
    await rm(join(home, 'build'), { recursive: true, force: true });
    await stageRelease(await open('1.0.0'), kind);
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  const open = (version: string) => openInstallation({ home, kind, version });

  async function install(): Promise<void> {
    const { installer, staging } = await open('1.0.0');
    const staged = await staging.current();
    if (staged === undefined) throw new Error('Nothing is staged.');
    await installer.install(staged, undefined);
  }

  /** Starts the app after each failure. */
  async function startAfterEach(log: DiskLog): Promise<readonly string[]> {
    const found: string[] = [];
    for (const disk of crashStates(log)) {
      materialise(disk, home);
      const { version, left } = await nextStart({ home, kind });
      const isWhole = kind === 'appimage' || version === '1.0.0' || (await hasAllFiles());
      found.push(`${version}${left.length > 0 ? `, and ${left.join(', ')} is left` : ''}${isWhole ? '' : ', broken'}`);
    }
    return found;
  }

  async function hasAllFiles(): Promise<boolean> {
    const locales = join(home, 'apps/Notes.versions/1.1.0/locales');
    const texts = await Promise.all((await readdir(locales)).map((name) => readFile(join(locales, name), 'utf8')));
    return texts.length === files && texts.every((text) => /^(pak \d){500}$/.test(text));
  }

  it('is updated and confirmed: there is a working app and no other file', async () => {
    const { end, ...log } = await recordDisk(home, async () => {
      await install();
      const { installer } = await open('1.1.0');
      await installer.recover();
      await installer.confirmHealthy();
    });
    expect(fingerprint(finalState(log))).toBe(fingerprint(end));
    const found = await startAfterEach(log);
    expect(new Set(found)).toEqual(new Set(['1.0.0', '1.1.0']));
    console.info(`${kind}, update: ${tell(found)}`);
  }, 120_000);

  it('is rolled back: there is a working app and no other file', async () => {
    await install();
    const { end, ...log } = await recordDisk(home, async () => {
      for (let start = 0; start < 3; start += 1) await (await open('1.1.0')).installer.recover();
      await (await open('1.0.0')).installer.recover();
    });
    expect(fingerprint(finalState(log))).toBe(fingerprint(end));
    const found = await startAfterEach(log);
    expect(new Set(found)).toEqual(new Set(['1.0.0', '1.1.0']));
    console.info(`${kind}, rollback: ${tell(found)}`);
  }, 120_000);
});

function tell(found: readonly string[]): string {
  const counts = Object.entries(Object.groupBy(found, (version) => version));
  return `${found.length} disks, ${counts.map(([version, all]) => `${version}: ${all?.length ?? 0}`).join('; ')}`;
}
