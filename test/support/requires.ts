import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What a skipped test lacks, each as `squashfs-tools (apt install squashfs-tools)`. */
    lacks?: readonly string[];
  }
}

/** Something that tests need and a machine may lack. */
export interface Requirement {
  readonly name: string;
  /** What to do about it: a command. */
  readonly remedy: string;
  readonly isMet: boolean;
  /** Continuous integration may lack it too. @defaultValue false */
  readonly isOptional?: boolean;
}

/**
 * Options for `describe` and `it`: they are skipped on a machine that lacks any of these. What is lacking is counted at
 * the end of the run, see `skipped-reporter.ts`. With CI=true it is an error.
 */
export function requires(...needs: readonly (Program | Requirement)[]): TestOptions {
  const unmet = needs
    .map((need) => (typeof need === 'string' ? programRequirement(need) : need))
    .filter(({ isMet }) => !isMet);
  if (unmet.length === 0) return {};
  const lacks = [...new Set(unmet.map(describeRequirement))];
  if (process.env['CI'] === 'true' && unmet.some(({ isOptional }) => isOptional !== true)) {
    throw new Error(`CI must have everything that the tests need. Missing: ${lacks.join(', ')}.`);
  }
  return { skip: true, meta: { lacks } };
}

/** As it is counted at the end of the run. Also for tests that learn only when they run that they have to be skipped. */
export function describeRequirement({ name, remedy }: Omit<Requirement, 'isMet'>): string {
  return `${name} (${remedy})`;
}

/** Debian's package of each program. */
const packageOf = {
  '/usr/lib/polkit-1/polkitd': 'polkitd',
  '/usr/lib/wine/wine64': 'wine64',
  '7za': 'p7zip-full',
  'apt-get': 'apt',
  bash: 'bash',
  bsdtar: 'libarchive-tools',
  chromium: 'chromium',
  'dbus-daemon': 'dbus',
  'dbus-send': 'dbus',
  dpkg: 'dpkg',
  'dpkg-deb': 'dpkg',
  faketime: 'faketime',
  ip: 'iproute2',
  iptables: 'iptables',
  makensis: 'nsis',
  mksquashfs: 'squashfs-tools',
  nginx: 'nginx-light',
  openssl: 'openssl',
  pacman: 'pacman-package-manager',
  pgrep: 'procps',
  pkaction: 'polkitd',
  pkexec: 'pkexec',
  python3: 'python3',
  rpm: 'rpm',
  rpmbuild: 'rpm',
  squid: 'squid',
  strace: 'strace',
  tar: 'tar',
  tc: 'iproute2',
  unshare: 'util-linux',
  unsquashfs: 'squashfs-tools',
  zstd: 'zstd',
} as const;

/** A name, or an absolute path. */
export type Program = keyof typeof packageOf;

function programRequirement(program: Program): Requirement {
  const name = packageOf[program];
  return { name, remedy: `apt install ${name}`, isMet: isInstalled(program) };
}

function isInstalled(program: string): boolean {
  return [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((directory) => {
    try {
      accessSync(resolve(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Files of other users are made, and real packages installed. */
export const root: Requirement = { name: 'root', remedy: 'sudo npm test', isMet: process.geteuid?.() === 0 };

/** Small and read-only disks are mounted. Root of a container may not. */
export const mounting: Requirement = {
  name: 'root that may mount file systems',
  remedy: 'sudo npm test, in no container or a privileged one',
  get isMet() {
    return (mayMount ??= root.isMet && process.platform === 'linux' && triesToMount());
  },
};
let mayMount: boolean | undefined;

function triesToMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'may-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}
