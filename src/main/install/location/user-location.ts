import { constants, type Stats } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

import { systemCode, textOf } from '../../../shared/errors.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { InstallVerdict } from '../../ports.ts';
import { shellQuote } from '../support/shell-quote.ts';

/** What is at the path of an app that its user put there. */
export type LocationFacts =
  | { readonly found: 'nothing' }
  | { readonly found: 'file' | 'link' | 'other'; readonly isOwn: boolean; readonly folder: FolderFacts }
  | { readonly found: 'error'; readonly text: string };

type FolderFacts = 'writable' | 'shared' | 'not writable' | 'read-only disk';

/** An installation in a place that its user chose. */
export interface UserLocation {
  /** Absolute path of the file or link that an install replaces. */
  readonly path: string;
  readonly kind: 'appimage' | 'portable';
  /** The path that a person copies to move the app. */
  readonly move: string;
}

/** Checks whether this user can replace the app. */
export async function checkUserLocation(place: UserLocation): Promise<InstallVerdict> {
  return userLocationVerdict(place, await factsOf(place.path));
}

async function factsOf(path: string): Promise<LocationFacts> {
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

/**
 * True if users other than this one and root can change a folder. Assumes that only this user is in their primary
 * group.
 */
function isShared({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>): boolean {
  if (process.getuid === undefined) return false;
  const isGroups = (mode & 0o020) !== 0 && gid !== process.getgid?.();
  return (uid !== 0 && uid !== process.getuid()) || isGroups || (mode & 0o002) !== 0;
}

/**
 * Decides from the facts. A portable app is refused in a folder that others can write: they could create its version
 * directories first. An AppImage is a single file whose swap names are checked. Pure.
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
