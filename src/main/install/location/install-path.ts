import { basename, dirname } from 'node:path';

import type { AppFacts } from '../../ports.ts';

/**
 * What stays the same when this installation is updated: the AppImage, the entry of a portable directory, else the
 * executable. Pure.
 */
export function installPath(facts: AppFacts): string {
  const image = facts.env['APPIMAGE'];
  return image !== undefined && isOwnAppImage(facts) ? image : portableEntry(facts.execPath);
}

/**
 * `$APPIMAGE` is inherited by everything an AppImage starts: it is ours only if we run from its mount. Its root is never
 * the file system's.
 */
export function isOwnAppImage({ env, execPath }: AppFacts): boolean {
  const mount = env['APPDIR']?.replace(/\/+$/, '');
  const image = env['APPIMAGE'];
  if (mount === undefined || mount === '' || !mount.startsWith('/') || image === undefined) return false;
  return image.startsWith('/') && !image.startsWith(`${mount}/`) && execPath.startsWith(`${mount}/`);
}

/** What an updated portable directory keeps beside the executable `notes`: `notes.versions/1.1.0/notes`. */
export const versionsSuffix = '.versions';

/** The path by which a portable app is started, whichever of its versions runs. */
export function portableEntry(execPath: string): string {
  const name = basename(execPath);
  const versions = dirname(dirname(execPath));
  return basename(versions) === `${name}${versionsSuffix}` ? versions.slice(0, -versionsSuffix.length) : execPath;
}
