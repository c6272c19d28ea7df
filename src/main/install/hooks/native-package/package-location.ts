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
 * May root be asked to update this installation? Only where root put it: what its user can write is never started as
 * root, and needs no root to be replaced.
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
  // It carries no install helper.
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
