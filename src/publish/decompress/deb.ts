import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { syncDirectory } from '../../files/write-atomic.ts';
import { runTool } from './run-tool.ts';
import type { DecompressJob } from './job.ts';

/**
 * Rewrites a Debian package with uncompressed members (deb(5) allows them since dpkg 1.10.24). Files are owned by root and
 * have a fixed time, so equal content gives equal bytes. Needs dpkg-deb.
 * @throws UpdateError `PUBLISH_TOOLS`
 */
export async function decompressDeb({ from, to, ...options }: DecompressJob): Promise<void> {
  const work = await mkdtemp(join(dirname(to), '.store-'));
  try {
    const [tree, whole] = [join(work, 'tree'), join(work, 'whole.deb')];
    await runTool('dpkg-deb', 'dpkg', ['--raw-extract', from, tree], options);
    const flags = ['--root-owner-group', '--uniform-compression', '-Znone'];
    await runTool('dpkg-deb', 'dpkg', [...flags, '--build', tree, whole], {
      ...options,
      env: { SOURCE_DATE_EPOCH: '0' },
    });
    await rename(whole, to);
    await syncDirectory(dirname(to));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
