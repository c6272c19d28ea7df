import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemCode, textOf } from '../../../shared/errors.ts';
import type { InstallVerdict } from '../../ports.ts';
import { shellQuote } from '../support/shell-quote.ts';

/** What is found at the path of an app that its own user may replace. */
export type LocationFacts =
  | { readonly found: 'nothing' }
  | { readonly found: 'file' | 'link' | 'other'; readonly isOwn: boolean; readonly folder: FolderFacts }
  | { readonly found: 'error'; readonly text: string };

type FolderFacts = 'writable' | 'not writable' | 'read-only disk';

/** An installation that lives where its user put it. */
export interface UserLocation {
  /** Absolute path of what is replaced. */
  readonly path: string;
  readonly kind: 'appimage' | 'portable';
  /** What a person would copy to move the app. */
  readonly move: string;
}

/** May this user replace the app? */
export async function checkUserLocation(place: UserLocation): Promise<InstallVerdict> {
  return userLocationVerdict(place, await lookAtPlace(place.path));
}

async function lookAtPlace(path: string): Promise<LocationFacts> {
  try {
    const stats = await lstat(path);
    const user = process.getuid?.();
    return {
      found: stats.isFile() ? 'file' : stats.isSymbolicLink() ? 'link' : 'other',
      isOwn: user === undefined || stats.uid === user,
      folder: await folderOf(path),
    };
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? { found: 'nothing' } : { found: 'error', text: textOf(error) };
  }
}

async function folderOf(path: string): Promise<FolderFacts> {
  try {
    await access(dirname(path), constants.W_OK);
    return 'writable';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EROFS') return 'read-only disk';
    if (code === 'EACCES' || code === 'EPERM') return 'not writable';
    throw error;
  }
}

/** Judges what was found, in words for a person. Pure. */
export function userLocationVerdict({ path, kind, move }: UserLocation, facts: LocationFacts): InstallVerdict {
  const what = kind === 'appimage' ? 'The AppImage' : 'The app';
  const how = `Copy it to a folder of your own and start it there: mkdir -p ~/Applications && cp -a ${shellQuote(move)} ~/Applications/`;
  if (facts.found === 'nothing') {
    return refuse(`${what} was moved or deleted: ${path} is not there any more.`, 'Quit the app and start it again.');
  }
  if (facts.found === 'error') return refuse(`${path} cannot be replaced: ${facts.text}.`, how);
  if (facts.found === 'other' || (facts.found === 'link' && kind === 'appimage')) {
    return refuse(`${path} is not a regular file.`, 'Start the app itself, not a link to it.');
  }
  if (!facts.isOwn) return refuse(`${what} at ${path} belongs to another user.`, how);
  switch (facts.folder) {
    case 'writable':
      return { ok: true };
    case 'read-only disk':
      return refuse(`${what} at ${path} lies on a read-only disk.`, how);
    case 'not writable':
      return refuse(`You may not change the folder of ${path}.`, how);
  }
}

function refuse(what: string, how: string): InstallVerdict {
  return { ok: false, state: 'needs-attention', what, how };
}
