import { UpdateError } from './errors.ts';

export const platforms = ['linux', 'win32', 'darwin'] as const;
export const arches = ['x64', 'arm64', 'ia32', 'armv7l', 'universal'] as const;

export type Platform = (typeof platforms)[number];
export type Arch = (typeof arches)[number];

/** The platform and architecture of a release index: `linux-x64`, `win32-arm64`, `darwin-universal` … */
export interface PlatformTarget {
  readonly platform: Platform;
  readonly arch: Arch;
}

/**
 * Parses `<platform>-<arch>`.
 * @throws UpdateError `OPTIONS_INVALID` with the allowed values
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
