import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { writeAtomic } from '../../../../files/write-atomic.ts';
import { systemCode } from '../../../../shared/errors.ts';
import { type HandOverRequest, handOverFiles } from '../../../../shared/native-package.ts';
import type { InstallJob } from '../../../ports.ts';

/**
 * Writes what the root helper needs into a new private directory: the artifact, the signed metadata from the trust
 * store, and the release to install. The helper copies and verifies all of it again.
 */
export async function writeHandOver(directory: string, trustStore: string, job: InstallJob): Promise<void> {
  const { query, version } = job.staged;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await handArtifact(job, join(directory, handOverFiles.artifact));
  await copyFiles(trustStore, join(directory, handOverFiles.trust));
  const request: HandOverRequest = { schema: 1, channel: query.channel, arch: query.target.arch, version };
  await writeAtomic(join(directory, handOverFiles.request), `${JSON.stringify(request)}\n`);
}

/** Links the artifact, or copies it if the file system has no hard links. The root helper verifies the bytes. */
async function handArtifact({ staged, file }: InstallJob, to: string): Promise<void> {
  try {
    await link(staged.path, to);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
    await file.copyTo(to, 0o600);
  }
}

/**
 * Copies regular files, in directories of any depth. If the trust store is missing, the root helper refuses the
 * install.
 */
async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFiles(source, copy);
    else if (entry.isFile() && !entry.name.startsWith('.')) await copyFile(source, copy);
  }
}
