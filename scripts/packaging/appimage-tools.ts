import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findProgram } from './find-program.ts';

/** The size of the runtime: what the squashfs begins at. A multiple of the page size, as AppImage's own. */
const runtimeBytes = 4096;

/**
 * Writes the folder that electron-builder takes as APPIMAGE_TOOLS_PATH (its "FUSE2" layout), from the host's own
 * squashfs-tools: electron-builder's download is not needed then.
 *
 * With `store`, the default, nothing is compressed inside, as after `electron-tuf publish --store`: that is quick, and an
 * update between two such images costs kilobytes. `gzip` is electron-builder's default.
 *
 * `undefined` when mksquashfs or unsquashfs is missing.
 */
export async function writeAppImageTools(
  directory: string,
  compression: 'store' | 'gzip' = 'store',
): Promise<string | undefined> {
  const [mksquashfs, unsquashfs] = await Promise.all([findProgram('mksquashfs'), findProgram('unsquashfs')]);
  if (mksquashfs === undefined || unsquashfs === undefined) return undefined;
  const host = join(directory, `linux-${process.arch}`);
  await Promise.all([
    mkdir(host, { recursive: true }),
    mkdir(join(directory, 'lib', process.arch), { recursive: true }),
  ]);
  await writeFile(join(directory, `runtime-${process.arch}`), await appImageRuntime());
  const options = `${compression === 'store' ? '-noI -noD -noF -noX ' : ''}-all-root -mkfs-time 0 -all-time 0`;
  await executable(join(host, 'mksquashfs'), `#!/bin/sh\nexec '${mksquashfs}' "$@" ${options}\n`);
  // electron-builder wants it to be there and does not run it.
  await symlink((await findProgram('desktop-file-validate')) ?? '/bin/true', join(host, 'desktop-file-validate'));
  return directory;
}

async function appImageRuntime(): Promise<Buffer> {
  const script = await readFile(join(import.meta.dirname, 'appimage-runtime.sh'), 'utf8');
  const runtime = Buffer.alloc(runtimeBytes, '\n');
  const length = runtime.write(script.replace('@SIZE@', String(runtimeBytes)));
  if (length >= runtimeBytes) throw new Error(`appimage-runtime.sh is longer than ${runtimeBytes} bytes.`);
  return runtime;
}

async function executable(path: string, script: string): Promise<void> {
  await writeFile(path, script);
  await chmod(path, 0o755);
}
