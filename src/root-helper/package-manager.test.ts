import { describe, expect, it } from 'vitest';

import { installCommand, type PackageToInstall, repairCommand } from './package-manager.ts';

const path = "/var/lib/x/it's 100%.pkg";
const all = (): boolean => true;
const only =
  (...files: readonly string[]) =>
  (file: string): boolean =>
    files.includes(file);

function lineOf(wanted: Omit<PackageToInstall, 'path'>, has: (file: string) => boolean): string | undefined {
  const command = installCommand({ path, ...wanted }, has);
  if (command === undefined) return undefined;
  expect(command.args.at(-1)).toBe(path);
  return [command.file, ...command.args.slice(0, -1)].join(' ');
}

describe('the command that installs a package', () => {
  const apt = '-o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold';
  it.each([
    ['deb', 'upgrade', all, `/usr/bin/apt-get install -y --no-remove --no-install-recommends ${apt}`],
    [
      'deb',
      'downgrade',
      all,
      `/usr/bin/apt-get install -y --no-remove --no-install-recommends --allow-downgrades ${apt}`,
    ],
    [
      'deb',
      'upgrade',
      only('/usr/bin/dpkg'),
      '/usr/bin/dpkg --refuse-downgrade --force-confdef --force-confold --install',
    ],
    ['deb', 'downgrade', only('/usr/bin/dpkg'), '/usr/bin/dpkg --force-confdef --force-confold --install'],
    ['rpm', 'upgrade', all, '/usr/bin/zypper --non-interactive install --allow-unsigned-rpm'],
    ['rpm', 'reinstall', all, '/usr/bin/zypper --non-interactive install --allow-unsigned-rpm --force'],
    ['rpm', 'downgrade', all, '/usr/bin/zypper --non-interactive install --allow-unsigned-rpm --force --oldpackage'],
    ['rpm', 'upgrade', only('/usr/bin/dnf', '/usr/bin/rpm'), '/usr/bin/dnf install -y'],
    ['rpm', 'downgrade', only('/usr/bin/dnf', '/usr/bin/rpm'), '/usr/bin/dnf downgrade -y'],
    ['rpm', 'upgrade', only('/usr/bin/yum', '/usr/bin/rpm'), '/usr/bin/yum install -y'],
    ['rpm', 'upgrade', only('/usr/bin/rpm'), '/usr/bin/rpm -U --replacepkgs'],
    ['rpm', 'downgrade', only('/usr/bin/rpm'), '/usr/bin/rpm -U --replacepkgs --oldpackage'],
    ['pacman', 'upgrade', all, '/usr/bin/pacman -U --noconfirm'],
    ['pacman', 'downgrade', all, '/usr/bin/pacman -U --noconfirm'],
    ['pacman', 'upgrade', () => false, undefined],
  ] as const)('%s, %s', (kind, step, has, line) => {
    expect(lineOf({ kind, step }, has)).toBe(line);
  });
});

it('completes an interrupted dpkg, and nothing else', () => {
  const interrupted = "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem.";
  expect([
    repairCommand('deb', interrupted),
    repairCommand('deb', 'E: Unable to locate package'),
    repairCommand('pacman', interrupted),
  ]).toEqual([
    { file: '/usr/bin/dpkg', args: ['--configure', '-a', '--force-confdef', '--force-confold'] },
    undefined,
    undefined,
  ]);
});
