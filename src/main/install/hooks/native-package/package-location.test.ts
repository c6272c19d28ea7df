import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { requires, root } from '../../../../../test/support/requires.ts';
import { checkPackageLocation } from './package-location.ts';

const nobody = 65_534;

describe('whether root may be asked to update an installation', requires(root), () => {
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

  const judge = async (isRoot = true) => (await checkPackageLocation({ execPath, launcher, isRoot })).ok;

  it('yes, where all of it is root’s', async () => {
    expect(await judge()).toBe(true);
  });

  it.each([
    ['the executable is its user’s', () => chown(execPath, nobody, nobody)],
    ['anybody may write the executable', () => chmod(execPath, 0o777)],
    ['a group may write its folder', () => chmod(directory, 0o775)],
    ['its folder is its user’s', () => chown(directory, nobody, nobody)],
    ['there is no helper', () => rm(launcher)],
    ['the helper is its user’s', () => chown(launcher, nobody, nobody)],
    ['the app is gone', () => rm(execPath)],
  ])('no, where %s', async (_, spoil) => {
    await spoil();
    expect(await judge()).toBe(false);
  });

  it('no, where this process could write it without root’s help', async () => {
    expect(await judge(false)).toBe(false);
  });
});
