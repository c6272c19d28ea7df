import { basename, dirname } from 'node:path';

import type { AppFacts } from '../../ports.ts';

/**
 * The path that identifies this installation and does not change with updates: the AppImage, the entry of a portable
 * directory, or the executable. Pure.
 */
export function installPath(facts: AppFacts): string {
  const image = facts.env['APPIMAGE'];
  return image !== undefined && isOwnAppImage(facts) ? image : portableEntry(facts.execPath);
}

/**
 * True if this app runs from the mount of `$APPIMAGE`. Programs that an AppImage starts inherit the variable. A mount
 * at the root of the file system does not count.
 */
export function isOwnAppImage({ env, execPath }: AppFacts): boolean {
  const mount = env['APPDIR']?.replace(/\/+$/, '');
  const image = env['APPIMAGE'];
  if (mount === undefined || mount === '' || !mount.startsWith('/') || image === undefined) return false;
  return image.startsWith('/') && !image.startsWith(`${mount}/`) && execPath.startsWith(`${mount}/`);
}

/** Suffix of the directory that holds the versions of a portable app: `notes.versions/1.1.0/notes` for `notes`. */
export const versionsSuffix = '.versions';

/** The path that starts a portable app. It is the same for all its versions. */
export function portableEntry(execPath: string): string {
  const name = basename(execPath);
  const versions = dirname(dirname(execPath));
  return basename(versions) === `${name}${versionsSuffix}` ? versions.slice(0, -versionsSuffix.length) : execPath;
}
