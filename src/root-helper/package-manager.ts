import type { NativeKind } from '../shared/artifact-kinds.ts';
import type { PackageAction } from './step.ts';

/** A program's absolute path, and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface PackageToInstall {
  readonly kind: NativeKind;
  /** Absolute path of the helper's own copy. */
  readonly path: string;
  /** Only a `downgrade`, which is a signed rollback, allows the package manager to install an older version. */
  readonly step: PackageAction;
}

/**
 * The command that installs a package file: the first available manager, those that resolve dependencies first. No command
 * may remove other packages, ask questions, or replace a changed configuration file. Pure.
 */
export function installCommand(wanted: PackageToInstall, has: (file: string) => boolean): Command | undefined {
  return commandsOf(wanted).find(({ file }) => has(file));
}

/** The command that completes an interrupted install, if the package manager reports one. Pure. */
export function repairCommand(kind: NativeKind, output: string): Command | undefined {
  const wasInterrupted = kind === 'deb' && /dpkg was interrupted|dpkg --configure -a/.test(output);
  return wasInterrupted ? { file: '/usr/bin/dpkg', args: ['--configure', '-a', ...keepConfiguration] } : undefined;
}

const keepConfiguration = ['--force-confdef', '--force-confold'];

function commandsOf({ kind, path, step }: PackageToInstall): readonly Command[] {
  const downgrade = step === 'downgrade';
  switch (kind) {
    case 'deb':
      return [
        {
          file: '/usr/bin/apt-get',
          args: [
            'install',
            '-y',
            '--no-remove',
            '--no-install-recommends',
            ...(downgrade ? ['--allow-downgrades'] : []),
            // Waits this many seconds for another package manager.
            '-o',
            'DPkg::Lock::Timeout=120',
            ...keepConfiguration.flatMap((option) => ['-o', `Dpkg::Options::=${option}`]),
            path,
          ],
        },
        {
          file: '/usr/bin/dpkg',
          args: [...(downgrade ? [] : ['--refuse-downgrade']), ...keepConfiguration, '--install', path],
        },
      ];
    case 'rpm':
      return [
        {
          file: '/usr/bin/zypper',
          args: [
            '--non-interactive',
            'install',
            '--allow-unsigned-rpm',
            // Without this, dpkg would install an older package.
            ...(step === 'upgrade' ? [] : ['--force']),
            ...(downgrade ? ['--oldpackage'] : []),
            path,
          ],
        },
        ...['/usr/bin/dnf', '/usr/bin/yum'].map((file) => ({
          file,
          args: [downgrade ? 'downgrade' : 'install', '-y', path],
        })),
        { file: '/usr/bin/rpm', args: ['-U', '--replacepkgs', ...(downgrade ? ['--oldpackage'] : []), path] },
      ];
    case 'pacman':
      // Never -Sy: a partial upgrade breaks the system.
      return [{ file: '/usr/bin/pacman', args: ['-U', '--noconfirm', path] }];
  }
}
