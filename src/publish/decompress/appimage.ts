import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdtemp, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { syncDirectory } from '../../files/write-atomic.ts';
import { UpdateError } from '../../shared/errors.ts';
import { runTool } from './run-tool.ts';
import { findSquashfs } from './squashfs-offset.ts';
import type { DecompressJob } from './job.ts';

/**
 * Flags for an image that contains the files uncompressed and complete. Fixed times and owners make equal content give
 * equal bytes.
 */
const storeFlags = ['-noI', '-noD', '-noF', '-noX', '-no-sparse', '-mkfs-time', '0', '-all-time', '0', '-all-root'];

/**
 * Rewrites an AppImage with an uncompressed squashfs behind the unchanged runtime. Updates between such images transfer
 * kilobytes instead of megabytes, and downloads are compressed better than squashfs does. Needs unsquashfs and mksquashfs
 * (Debian: squashfs-tools).
 * @throws UpdateError `PUBLISH_INPUT` if the file is not a type 2 AppImage, `PUBLISH_TOOLS` if the tools are missing
 */
export async function decompressAppImage(job: DecompressJob): Promise<void> {
  const work = await mkdtemp(join(dirname(job.to), '.store-'));
  try {
    const offset = await squashfsOffset(job.from);
    const tree = join(work, 'tree');
    const image = join(work, 'image');
    const whole = join(work, 'whole');
    await runTool(
      'unsquashfs',
      'squashfs-tools',
      ['-no-progress', '-offset', String(offset), '-dest', tree, job.from],
      job,
    );
    await runTool('mksquashfs', 'squashfs-tools', [tree, image, '-no-progress', '-noappend', ...storeFlags], job);
    await pipeline(createReadStream(job.from, { end: offset - 1 }), createWriteStream(whole));
    await pipeline(createReadStream(image), createWriteStream(whole, { flags: 'a', flush: true }));
    await chmod(whole, 0o755);
    await rename(whole, job.to);
    await syncDirectory(dirname(job.to));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function squashfsOffset(path: string): Promise<number> {
  const file = await open(path);
  try {
    const image = await findSquashfs(file);
    if (image !== undefined && image.offset > 0) return image.offset;
  } finally {
    await file.close();
  }
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${path} is not an AppImage of type 2: it has no squashfs image behind a runtime.`,
  );
}
