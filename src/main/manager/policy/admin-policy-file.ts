import { lstat, open, realpath } from 'node:fs/promises';
import { basename, dirname, join, posix, win32 } from 'node:path';

import { systemCode, textOf, toUpdateError } from '../../../shared/errors.ts';
import type { AdminPolicy } from './admin-policy.ts';

/** The policy without a policy file. */
export const noPolicy: AdminPolicy = { disabled: false, hours: [] };

/** Maximum size of a policy file in bytes. */
const maxBytes = 64 * 1024;

/** The result of reading the policy file. */
export type PolicyFile =
  | { readonly type: 'none' }
  | { readonly type: 'policy'; readonly policy: AdminPolicy }
  /** Users other than the administrator could have written the file, so it is ignored. */
  | { readonly type: 'ignored'; readonly reason: string }
  /** The administrator's file is not valid. Updates are off until it is corrected. */
  | { readonly type: 'invalid'; readonly reason: string };

/** The path of an app's machine-wide policy file, which only an administrator can write. Pure. */
export function policyPath(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  app: string,
): string {
  const name = `${app}.json`;
  switch (platform) {
    case 'win32':
      return win32.join(env['ProgramFiles'] ?? 'C:\\Program Files', 'electron-tuf', 'policy', name);
    case 'darwin':
      return posix.join('/Library/Application Support/electron-tuf/policy', name);
    default:
      return posix.join('/etc/electron-tuf/policy', name);
  }
}

export interface ReadPolicyOptions {
  /** User id of an allowed owner in addition to root. @defaultValue 0, root */
  readonly trustedUid?: number;
  /** @defaultValue the platform of this process */
  readonly platform?: NodeJS.Platform;
}

/**
 * Reads the policy file. On POSIX systems, root must own the file and every directory above it, and no other user may
 * have write access, except to a sticky directory such as `/tmp`. On Windows, this relies on the permissions of Program
 * Files.
 */
export async function readPolicyFile(path: string, options: ReadPolicyOptions = {}): Promise<PolicyFile> {
  try {
    const real = join(await realpath(dirname(path)), basename(path));
    if ((options.platform ?? process.platform) !== 'win32') {
      const reason = untrusted(await chainOf(real), options.trustedUid ?? 0);
      if (reason !== undefined) return { type: 'ignored', reason };
    }
    return await parse(await readCapped(real), path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { type: 'none' };
    return { type: 'invalid', reason: `The policy file ${path} cannot be read: ${textOf(error)}.` };
  }
}

/** The policy that applies. */
export function policyOf(file: PolicyFile): AdminPolicy {
  return file.type === 'policy' ? file.policy : noPolicy;
}

async function parse(text: string, path: string): Promise<PolicyFile> {
  const { parseAdminPolicy } = await import('./admin-policy.ts');
  try {
    return { type: 'policy', policy: parseAdminPolicy(text) };
  } catch (error) {
    const { message } = toUpdateError(error, 'OPTIONS_INVALID');
    return {
      type: 'invalid',
      reason: `The policy file ${path} cannot be used. ${message} Updates are off until it is corrected.`,
    };
  }
}

/** A file or directory on the way to the policy file. */
export interface PathEntry {
  readonly path: string;
  readonly uid: number;
  readonly mode: number;
  readonly type: 'file' | 'directory' | 'other';
}

/** Why users other than `trustedUid` and root could have written the file; `undefined` if they could not. Pure. */
export function untrusted(chain: readonly PathEntry[], trustedUid: number): string | undefined {
  for (const [index, { path, uid, mode, type }] of chain.entries()) {
    const isFile = index === chain.length - 1;
    if (type !== (isFile ? 'file' : 'directory')) return `${path} is not a ${isFile ? 'regular file' : 'directory'}.`;
    if (uid !== trustedUid && uid !== 0) return `${path} belongs to the user with id ${uid}, not to the administrator.`;
    const isSticky = !isFile && (mode & 0o1000) !== 0;
    if ((mode & 0o022) !== 0 && !isSticky) return `Users other than the administrator can write ${path}.`;
  }
  return undefined;
}

async function chainOf(path: string): Promise<readonly PathEntry[]> {
  const above = dirname(path) === path ? [] : await chainOf(dirname(path));
  const stats = await lstat(path);
  const type = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return [...above, { path, uid: stats.uid, mode: stats.mode, type }];
}

async function readCapped(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(maxBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    if (bytesRead > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
