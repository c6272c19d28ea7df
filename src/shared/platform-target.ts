import { UpdateError } from './errors.ts';

export const platforms = ['linux', 'win32', 'darwin'] as const;
export const arches = ['x64', 'arm64', 'ia32', 'armv7l', 'universal'] as const;

export type Platform = (typeof platforms)[number];
export type Arch = (typeof arches)[number];

/** What a release index is made for: `linux-x64`, `win32-arm64`, `darwin-universal` … */
export interface PlatformTarget {
  readonly platform: Platform;
  readonly arch: Arch;
}

/**
 * Reads `<platform>-<arch>`.
 * @throws UpdateError `OPTIONS_INVALID` with the allowed words.
 */
export function parsePlatformTarget(text: string): PlatformTarget {
  const dash = text.indexOf('-');
  const platform = platforms.find((known) => known === text.slice(0, dash));
  const arch = arches.find((known) => known === text.slice(dash + 1));
  if (platform === undefined || arch === undefined) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${text}" is not a platform target. Use <platform>-<arch> with platform ${platforms.join(', ')} and arch ${arches.join(', ')}.`,
    );
  }
  return { platform, arch };
}

export function formatPlatformTarget(target: PlatformTarget): string {
  return `${target.platform}-${target.arch}`;
}
