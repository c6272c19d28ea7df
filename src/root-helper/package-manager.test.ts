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
    ['deb', false, all, `/usr/bin/apt-get install -y --no-remove --no-install-recommends ${apt}`],
    ['deb', true, all, `/usr/bin/apt-get install -y --no-remove --no-install-recommends --allow-downgrades ${apt}`],
    ['deb', false, only('/usr/bin/dpkg'), '/usr/bin/dpkg --refuse-downgrade --force-confdef --force-confold --install'],
    ['deb', true, only('/usr/bin/dpkg'), '/usr/bin/dpkg --force-confdef --force-confold --install'],
    ['rpm', false, all, '/usr/bin/zypper --non-interactive install --allow-unsigned-rpm --force'],
    ['rpm', true, all, '/usr/bin/zypper --non-interactive install --allow-unsigned-rpm --force --oldpackage'],
    ['rpm', false, only('/usr/bin/dnf', '/usr/bin/rpm'), '/usr/bin/dnf install -y'],
    ['rpm', true, only('/usr/bin/dnf', '/usr/bin/rpm'), '/usr/bin/dnf downgrade -y'],
    ['rpm', false, only('/usr/bin/yum', '/usr/bin/rpm'), '/usr/bin/yum install -y'],
    ['rpm', false, only('/usr/bin/rpm'), '/usr/bin/rpm -U --replacepkgs'],
    ['rpm', true, only('/usr/bin/rpm'), '/usr/bin/rpm -U --replacepkgs --oldpackage'],
    ['pacman', false, all, '/usr/bin/pacman -U --noconfirm'],
    ['pacman', true, all, '/usr/bin/pacman -U --noconfirm'],
    ['pacman', false, () => false, undefined],
  ] as const)('%s, downgrade %s', (kind, downgrade, has, line) => {
    expect(lineOf({ kind, downgrade }, has)).toBe(line);
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
