import type { NativeKind } from '../shared/artifact-kinds.ts';
import type { PackageAction } from './step.ts';

/** A program by absolute path, and its arguments. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

export interface PackageToInstall {
  readonly kind: NativeKind;
  /** Absolute path of root's own copy. */
  readonly path: string;
  /** Only for a `downgrade`, which is a signed rollback, is the package manager told that older is fine. */
  readonly step: PackageAction;
}

/**
 * The command that installs a package file, with what the system has: the manager that resolves dependencies first, the
 * bare one else. None of them may remove other packages, ask questions, or replace a configuration file that was
 * changed. Pure.
 */
export function installCommand(wanted: PackageToInstall, has: (file: string) => boolean): Command | undefined {
  return commandsOf(wanted).find(({ file }) => has(file));
}

/** What completes an install that was interrupted, when the system's manager says that it was. Pure. */
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
            // Another package manager may be at work: it is waited for, in seconds.
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
            // It would let an older package through.
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
