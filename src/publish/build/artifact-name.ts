import type { Arch, Platform } from '../../shared/platform-target.ts';

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
const platformWords: Readonly<Record<string, Platform>> = {
  win: 'win32',
  win32: 'win32',
  windows: 'win32',
  mac: 'darwin',
  darwin: 'darwin',
  osx: 'darwin',
  linux: 'linux',
};
const archPattern = new RegExp(`(?<=^|[-_.])(${Object.keys(archWords).join('|')})(?=[-_.])`, 'gi');
/** The words that electron-builder writes between version and extension of an archive of the app. */
const archiveEnd = new RegExp(
  `^([-_.](${[...Object.keys(archWords), ...Object.keys(platformWords), 'portable'].join('|')}))*\\.(tar\\.gz|tar|zip)$`,
  'i',
);

/** Finds the last architecture in a text, as electron-builder and the package managers write it. */
export function archIn(text: string): Arch | undefined {
  const last = [...text.matchAll(archPattern)].at(-1)?.[0];
  return last === undefined ? undefined : archWords[last.toLowerCase()];
}

/** Splits a file name at the version. Returns `undefined` if the name has another version or none. */
export function splitAtVersion(
  file: string,
  version: string,
): { readonly before: string; readonly after: string } | undefined {
  const at = file.indexOf(version);
  const [before, after] = [file.slice(0, at), file.slice(at + version.length)];
  const isWhole = /(^|[-_.v\s])$/.test(before) && /^([-_.](?!(alpha|beta|rc|nightly|\d))|$)/i.test(after);
  return at >= 0 && isWhole ? { before, after } : undefined;
}

/**
 * Whether a file that no yml lists is an archive of the app, not of its sources, symbols or another version. Only words of
 * electron-builder may stand between version and extension.
 */
export function isAppArchive(file: string, version: string): boolean {
  const parts = splitAtVersion(file, version);
  return parts !== undefined && archiveEnd.test(parts.after);
}
