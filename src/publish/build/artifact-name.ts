import type { Arch } from '../../shared/platform-target.ts';

const archWords: Readonly<Record<string, Arch>> = {
  x64: 'x64',
  x86_64: 'x64',
  amd64: 'x64',
  arm64: 'arm64',
  aarch64: 'arm64',
  ia32: 'ia32',
  i386: 'ia32',
  i686: 'ia32',
  armv7l: 'armv7l',
  armhf: 'armv7l',
  universal: 'universal',
};
const archPattern = new RegExp(`(?<=[-_.])(${Object.keys(archWords).join('|')})(?=[-_.])`, 'gi');

/** The architecture that a file name names, in the words of electron-builder and of the package managers. */
export function archOf(file: string): Arch | undefined {
  const last = [...file.matchAll(archPattern)].at(-1)?.[0];
  return last === undefined ? undefined : archWords[last.toLowerCase()];
}

/**
 * Does a file name name this version, and not merely a longer one that contains it? `Notes-1.1.0.zip` is not of
 * version 11.1.0, 1.1 or 1.1.0-beta.1.
 */
export function namesVersion(file: string, version: string): boolean {
  const at = file.indexOf(version);
  const before = file.slice(0, at).at(-1);
  const rest = file.slice(at + version.length);
  return (
    at >= 0 && (before === undefined || /[-_.v]/.test(before)) && /^([-_.](?!(alpha|beta|rc|nightly|\d))|$)/i.test(rest)
  );
}
