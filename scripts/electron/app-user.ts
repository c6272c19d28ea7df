import { chmod, chown, lchown, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';

/** Ids for `spawn`. */
export interface AppUser {
  readonly uid: number;
  readonly gid: number;
}

/** The user `nobody` on every Linux. */
const nobody = 65_534;

/**
 * The user who runs Electron. Chromium refuses to run as root with its sandbox on. So if this process is root, its apps
 * run as `nobody`. `undefined` means the user of this process.
 */
export function appUser(): AppUser | undefined {
  return process.platform === 'linux' && process.geteuid?.() === 0 ? { uid: nobody, gid: nobody } : undefined;
}

/** Makes that user the owner of a file or directory tree, and gives the user access to its path. */
export async function giveToAppUser(path: string, user: AppUser | undefined = appUser()): Promise<void> {
  if (user === undefined) return;
  await openWay(path);
  await chown(path, user.uid, user.gid);
  if ((await stat(path)).isDirectory()) await giveEntries(path, user);
}

/** Follows no link: what it leads to belongs to somebody else. A recursive `readdir` would. */
async function giveEntries(directory: string, user: AppUser): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    await lchown(path, user.uid, user.gid);
    if (entry.isDirectory()) await giveEntries(path, user);
  }
}

/** Gives other users access to a path in the directory for temporary files, where new directories are private. */
export async function openWay(path: string): Promise<void> {
  if (appUser() === undefined) return;
  const top = resolve(tmpdir());
  for (let directory = resolve(path); `${directory}${sep}`.startsWith(top + sep); directory = dirname(directory)) {
    const { mode } = await stat(directory);
    if ((mode & 0o005) !== 0o005) await chmod(directory, (mode & 0o7777) | 0o055);
  }
}

/** The executable itself, or, if this process is root, a script at `script` that starts it as that user. */
export async function asAppUser(executable: string, script: string): Promise<string> {
  const user = appUser();
  if (user === undefined) return executable;
  const text = `#!/bin/sh\nexec setpriv --reuid=${user.uid} --regid=${user.gid} --clear-groups -- '${executable}' "$@"\n`;
  await writeFile(script, text);
  await chmod(script, 0o755);
  return script;
}
