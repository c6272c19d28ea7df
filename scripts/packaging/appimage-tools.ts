import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { findProgram } from './find-program.ts';

/**
 * The size of the runtime, which is the offset of the squashfs. A multiple of the page size, as in AppImage's own
 * runtime.
 */
const runtimeBytes = 4096;

/**
 * Writes the folder that electron-builder accepts as APPIMAGE_TOOLS_PATH (its "FUSE2" layout) from the host's own
 * squashfs-tools. Then electron-builder needs no download.
 *
 * With `store`, the default, the content is not compressed, as after `electron-tuf publish --store`. That is fast, and
 * an update between two such images costs kilobytes. `gzip` is electron-builder's default.
 *
 * Returns `undefined` if mksquashfs or unsquashfs is missing.
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
  // electron-builder requires this file but does not run it.
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
