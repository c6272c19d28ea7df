import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { NativeKind } from '../../../src/shared/artifact-kinds.ts';
import type { Program } from '../../support/requires.ts';

const run = promisify(execFile);

/** A package that the real package manager builds, installs, queries and removes. */
export interface PackageSpec {
  readonly kind: NativeKind;
  readonly name: string;
  readonly version: string;
  /** A directory whose content the package installs at `/`. */
  readonly tree: string;
  /** A shell script that the package manager runs as root after it unpacked the package. */
  readonly afterInstall?: string;
}

/** The programs that make and install packages of a kind. */
export const programsOf: Readonly<Record<NativeKind, readonly Program[]>> = {
  deb: ['dpkg', 'dpkg-deb', 'apt-get'],
  rpm: ['rpm', 'rpmbuild'],
  pacman: ['pacman', 'bsdtar', 'zstd'],
};

/** Makes a package with the system's own tools. Resolves with its path, in `work`. */
export async function makePackage(spec: PackageSpec, work: string): Promise<string> {
  await mkdir(work, { recursive: true });
  return makers[spec.kind](spec, work);
}

const makers: Readonly<Record<NativeKind, (spec: PackageSpec, work: string) => Promise<string>>> = {
  async deb({ name, version, tree, afterInstall }, work) {
    const root = join(work, 'root');
    await cp(tree, root, { recursive: true, verbatimSymlinks: true });
    await mkdir(join(root, 'DEBIAN'));
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      'Architecture: all',
      'Maintainer: Test <test@example.org>',
      'Description: a test',
    ];
    await writeFile(join(root, 'DEBIAN/control'), `${control.join('\n')}\n`);
    if (afterInstall !== undefined) {
      await writeFile(join(root, 'DEBIAN/postinst'), `#!/bin/sh\n${afterInstall}\n`, { mode: 0o755 });
    }
    const file = join(work, 'made.deb');
    await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', root, file]);
    return file;
  },

  async rpm({ name, version, tree, afterInstall }, work) {
    const entries = await readdir(tree, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => `"${join(entry.parentPath, entry.name).slice(tree.length).replaceAll('%', '%%')}"`);
    const spec = [
      '%define __os_install_post %{nil}',
      `Name: ${name}`,
      `Version: ${version}`,
      'Release: 1',
      'Summary: a test',
      'License: MIT',
      'BuildArch: noarch',
      'AutoReqProv: no',
      // rpm on Debian does not know that the system has the shell that runs the script.
      'Provides: /bin/sh',
      '%description',
      'a test',
      '%install',
      `mkdir -p %{buildroot} && cp -a '${tree}/.' %{buildroot}/`,
      ...(afterInstall === undefined ? [] : ['%post', afterInstall.replaceAll('%', '%%')]),
      '%files',
      '%defattr(-,root,root)',
      ...files,
    ];
    await writeFile(join(work, 'made.spec'), `${spec.join('\n')}\n`);
    await run('rpmbuild', ['-bb', '--quiet', '--define', `_topdir ${join(work, 'top')}`, join(work, 'made.spec')]);
    return join(work, 'top/RPMS/noarch', `${name}-${version}-1.noarch.rpm`);
  },

  async pacman({ name, version, tree, afterInstall }, work) {
    const root = join(work, 'root');
    await cp(tree, root, { recursive: true, verbatimSymlinks: true });
    const info = [`pkgname = ${name}`, `pkgver = ${version}-1`, 'pkgdesc = a test', 'arch = any', 'size = 1'];
    await writeFile(join(root, '.PKGINFO'), `${info.join('\n')}\n`);
    if (afterInstall !== undefined) {
      const body = `{\n${afterInstall}\n}\n`;
      await writeFile(join(root, '.INSTALL'), `post_install() ${body}post_upgrade() ${body}`);
    }
    const file = join(work, 'made.pkg.tar.zst');
    const names = (await readdir(root)).toSorted();
    await run('bsdtar', ['--zstd', '--uid', '0', '--gid', '0', '-cf', file, '-C', root, ...names]);
    return file;
  },
};

/** Installs a package as an administrator does. */
export async function installByHand(kind: NativeKind, file: string): Promise<void> {
  const commands = { deb: ['dpkg', '-i'], rpm: ['rpm', '-U'], pacman: ['pacman', '-U', '--noconfirm'] } as const;
  const [program, ...args] = commands[kind];
  await run(program, [...args, file], { env: asRoot });
}

/** Returns the version that the package manager reports; `undefined` if it does not know the package. */
export async function installedVersion(kind: NativeKind, name: string): Promise<string | undefined> {
  const commands = {
    deb: ['dpkg-query', '-W', '-f', '${db:Status-Status} ${Version}'],
    rpm: ['rpm', '-q', '--qf', 'installed %{VERSION}'],
    pacman: ['pacman', '-Q'],
  } as const;
  const [program, ...args] = commands[kind];
  try {
    const { stdout } = await run(program, [...args, name], { env: asRoot });
    return stdout.trim().split(' ').at(-1)?.replace(/-1$/, '');
  } catch {
    return undefined;
  }
}

/** Removes a package in whatever state it is. */
export async function removePackage(kind: NativeKind, name: string): Promise<void> {
  const commands = {
    deb: ['dpkg', '--force-all', '--purge'],
    rpm: ['rpm', '-e', '--nodeps'],
    pacman: ['pacman', '-R', '--noconfirm'],
  } as const;
  const [program, ...args] = commands[kind];
  if ((await installedVersion(kind, name)) !== undefined) await run(program, [...args, name], { env: asRoot });
}

/** rpm on Debian keeps its database in the home of its user. The tests use root's, as the root side does. */
const asRoot = { ...process.env, HOME: '/root', LC_ALL: 'C.UTF-8' };
