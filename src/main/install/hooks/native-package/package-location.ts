import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { textOf } from '../../../../shared/errors.ts';
import type { Explanation } from '../../../../shared/explanation.ts';
import type { InstallVerdict } from '../../../ports.ts';

export interface PackageLocation {
  readonly execPath: string;
  readonly launcher: string;
  readonly isRoot: boolean;
}

/**
 * Checks that root owns the installation and that nobody else can change it. Files that the user can write must never
 * run as root.
 */
export async function checkPackageLocation({ execPath, launcher, isRoot }: PackageLocation): Promise<InstallVerdict> {
  try {
    for (const path of [execPath, dirname(execPath)]) {
      const { uid, mode } = await lstat(path);
      if (uid === 0 && (mode & 0o022) === 0 && (isRoot || !(await isWritable(path)))) continue;
      return no({ reason: 'package-changed', remedy: 'reinstall-package', params: { path } });
    }
  } catch (error) {
    return no({ reason: 'files-unreadable', remedy: 'reinstall-package', params: { detail: textOf(error) } });
  }
  const helper = await lstat(launcher).catch(() => undefined);
  if (helper?.isFile() === true && helper.uid === 0 && (helper.mode & 0o022) === 0) return { ok: true };
  // The package has no root helper.
  return no({ reason: 'unsupported', remedy: 'install-by-hand', params: {} });
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

function no(explanation: Explanation): InstallVerdict {
  return { ok: false, state: 'disabled', explanation };
}
