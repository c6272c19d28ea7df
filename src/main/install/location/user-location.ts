import { constants, type Stats } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemCode, textOf } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { InstallVerdict } from '../../ports.ts';
import { shellQuote } from '../support/shell-quote.ts';

/** What is found at the path of an app that its own user may replace. */
export type LocationFacts =
  | { readonly found: 'nothing' }
  | { readonly found: 'file' | 'link' | 'other'; readonly isOwn: boolean; readonly folder: FolderFacts }
  | { readonly found: 'error'; readonly text: string };

type FolderFacts = 'writable' | 'shared' | 'not writable' | 'read-only disk';

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
    return isShared(await stat(dirname(path))) ? 'shared' : 'writable';
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EROFS') return 'read-only disk';
    if (code === 'EACCES' || code === 'EPERM') return 'not writable';
    throw error;
  }
}

/** Can users other than this one and root change a folder? The primary group of a user is taken for the user's own. */
function isShared({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>): boolean {
  if (process.getuid === undefined) return false;
  const isGroups = (mode & 0o020) !== 0 && gid !== process.getgid?.();
  return (uid !== 0 && uid !== process.getuid()) || isGroups || (mode & 0o002) !== 0;
}

/**
 * Judges what was found. Where others can write, they can take the names of a portable directory's versions before it
 * does; an AppImage is one file, under names that are checked. Pure.
 */
export function userLocationVerdict({ path, kind, move }: UserLocation, facts: LocationFacts): InstallVerdict {
  if (facts.found === 'nothing') return refuse({ reason: 'moved', remedy: 'restart-app', params: { path } });
  const command = `mkdir -p ~/Applications && cp -a ${shellQuote(move)} ~/Applications/`;
  const copy = { remedy: 'copy-app', params: { path, command } } as const;
  if (facts.found === 'error') {
    return refuse({ reason: 'cannot-replace', remedy: 'copy-app', params: { path, command, detail: facts.text } });
  }
  if (facts.found === 'other' || (facts.found === 'link' && kind === 'appimage')) {
    return refuse({ reason: 'not-a-file', remedy: 'start-app-itself', params: { path } });
  }
  if (!facts.isOwn) return refuse({ reason: 'other-owner', ...copy });
  switch (facts.folder) {
    case 'writable':
      return { ok: true };
    case 'shared':
      return kind === 'portable' ? refuse({ reason: 'folder-shared', ...copy }) : { ok: true };
    case 'read-only disk':
      return refuse({ reason: 'read-only-disk', ...copy });
    case 'not writable':
      return refuse({ reason: 'folder-locked', ...copy });
  }
}

function refuse(explanation: Explanation): InstallVerdict {
  return { ok: false, state: 'needs-attention', explanation };
}
