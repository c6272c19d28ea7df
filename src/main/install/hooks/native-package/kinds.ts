import type { NativeKind } from '../../../../shared/artifact-kinds.ts';

/** What differs between package managers on the user's side: words only. All else is the root side's. */
export interface NativePackageKind {
  readonly kind: NativeKind;
  /** The command that goes back to an older package file, and its arguments before the file. */
  readonly goBack: readonly [file: string, ...args: string[]];
}

/** One row a package manager. Debian and Ubuntu; Fedora and openSUSE; Arch Linux; each with the systems derived from it. */
export const nativePackageKinds: Readonly<Record<NativeKind, NativePackageKind>> = {
  deb: { kind: 'deb', goBack: ['apt-get', 'install', '--allow-downgrades'] },
  rpm: { kind: 'rpm', goBack: ['rpm', '-U', '--oldpackage'] },
  pacman: { kind: 'pacman', goBack: ['pacman', '-U'] },
};
