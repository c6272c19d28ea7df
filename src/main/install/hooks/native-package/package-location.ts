import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { textOf } from '../../../../shared/errors.ts';
import type { InstallVerdict } from '../../../ports.ts';

export interface PackageLocation {
  readonly execPath: string;
  readonly launcher: string;
  readonly isRoot: boolean;
}

/**
 * May root be asked to update this installation? Only where root put it: what its user can write is never started as
 * root, and needs no root to be replaced.
 */
export async function checkPackageLocation({ execPath, launcher, isRoot }: PackageLocation): Promise<InstallVerdict> {
  try {
    for (const path of [execPath, dirname(execPath)]) {
      const { uid, mode } = await lstat(path);
      if (uid === 0 && (mode & 0o022) === 0 && (isRoot || !(await isWritable(path)))) continue;
      return no(
        `This copy of the app was not installed by a package manager, or was changed since: ${path} is not root's alone.`,
        'Install the app with its package, or use its AppImage.',
      );
    }
  } catch (error) {
    return no(`The app's own files cannot be read: ${textOf(error)}.`, 'Reinstall the app with its package.');
  }
  const helper = await lstat(launcher).catch(() => undefined);
  if (helper?.isFile() === true && helper.uid === 0 && (helper.mode & 0o022) === 0) return { ok: true };
  return no(
    'This package cannot update itself: it carries no install helper.',
    'Download the new version from its website and install it with the package manager.',
  );
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function no(what: string, how: string): InstallVerdict {
  return { ok: false, state: 'disabled', what, how };
}
