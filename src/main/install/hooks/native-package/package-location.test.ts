import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { requires, root } from '../../../../../test/support/requires.ts';
import { checkPackageLocation } from './package-location.ts';

const nobody = 65_534;

describe('the location of a package', requires(root), () => {
  let directory: string;
  let execPath: string;
  let launcher: string;

  beforeEach(async () => {
    directory = await mkdtemp('/opt/etu-place-');
    await chmod(directory, 0o755);
    await mkdir(join(directory, 'update'), { mode: 0o755 });
    execPath = join(directory, 'notes');
    launcher = join(directory, 'update/install-update');
    for (const path of [execPath, launcher]) await writeFile(path, '', { mode: 0o755 });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const isAccepted = async (isRoot = true) => (await checkPackageLocation({ execPath, launcher, isRoot })).ok;

  it('is accepted if root owns everything', async () => {
    expect(await isAccepted()).toBe(true);
  });

  it.each([
    ['a user owns the executable', () => chown(execPath, nobody, nobody)],
    ['all users can write the executable', () => chmod(execPath, 0o777)],
    ['a group can write its folder', () => chmod(directory, 0o775)],
    ['a user owns its folder', () => chown(directory, nobody, nobody)],
    ['there is no helper', () => rm(launcher)],
    ['a user owns the helper', () => chown(launcher, nobody, nobody)],
    ['the app is missing', () => rm(execPath)],
  ])('is refused if %s', async (_, spoil) => {
    await spoil();
    expect(await isAccepted()).toBe(false);
  });

  it('is refused if this process can write it without root', async () => {
    expect(await isAccepted(false)).toBe(false);
  });
});
