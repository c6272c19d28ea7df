import type { NativeKind } from '../../../../shared/artifact-kinds.ts';

/** How package managers differ in this process. All other differences are in the root helper. */
export interface NativePackageKind {
  readonly kind: NativeKind;
  /** The command that installs an older package file. The path of the file is its last argument. */
  readonly goBack: readonly [file: string, ...args: string[]];
}

/** Debian and Ubuntu; Fedora and openSUSE; Arch Linux; each with its derivatives. */
export const nativePackageKinds: Readonly<Record<NativeKind, NativePackageKind>> = {
  deb: { kind: 'deb', goBack: ['apt-get', 'install', '--allow-downgrades'] },
  rpm: { kind: 'rpm', goBack: ['rpm', '-U', '--oldpackage'] },
  pacman: { kind: 'pacman', goBack: ['pacman', '-U'] },
};
