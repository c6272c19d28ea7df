import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { findSquashfs } from '../../src/publish/decompress/squashfs-offset.ts';
import { decompressAppImage } from '../../src/publish/decompress/appimage.ts';
import { requires } from '../support/requires.ts';

/** A runtime that contains the magic number, as real ones do. */
const runtime = Buffer.concat([Buffer.from('#!/bin/sh\n# hsqs is the magic word\nexit 0\n'), Buffer.alloc(5000, '\n')]);

describe('storeAppImage', requires('mksquashfs', 'unsquashfs'), () => {
  let directory: string;
  const path = (name: string): string => join(directory, name);

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'store-'));
    await mkdir(path('tree/sub'), { recursive: true });
    await writeFile(path('tree/AppRun'), '#!/bin/sh\necho hello\n');
    await chmod(path('tree/AppRun'), 0o755);
    await writeFile(path('tree/sub/text'), 'the same line again\n'.repeat(20_000));
    await build('old');
  });
  afterAll(async () => rm(directory, { recursive: true, force: true }));

  /** A compressed AppImage of the tree. */
  async function build(name: string): Promise<void> {
    execFileSync('mksquashfs', [path('tree'), path(`${name}.squashfs`), '-noappend', '-no-progress'], {
      stdio: 'ignore',
    });
    await writeFile(path(name), Buffer.concat([runtime, await readFile(path(`${name}.squashfs`))]));
    await rm(path(`${name}.squashfs`));
  }

  function extract(name: string): string {
    const dest = path(`extracted-${name}`);
    execFileSync('unsquashfs', ['-offset', String(runtime.length), '-dest', dest, path(name)], { stdio: 'ignore' });
    return dest;
  }

  it('keeps runtime and content, and leaves the content uncompressed', async () => {
    await decompressAppImage({ from: path('old'), to: path('stored') });
    const tree = extract('stored');
    const bytes = await readFile(path('stored'));
    expect({
      runtime: bytes.subarray(0, runtime.length).equals(runtime),
      inside: bytes.includes('the same line again\n'.repeat(1000)),
      text: (await readFile(join(tree, 'sub/text'))).equals(await readFile(path('tree/sub/text'))),
      mode: (await stat(join(tree, 'AppRun'))).mode & 0o777,
      executable: (await stat(path('stored'))).mode & 0o777,
      left: (await readdir(directory)).filter((name) => name.startsWith('.store-')),
    }).toEqual({ runtime: true, inside: true, text: true, mode: 0o755, executable: 0o755, left: [] });
  });

  it('produces equal bytes for equal content, whenever it was built', async () => {
    await utimes(path('tree/sub/text'), 1, 1);
    await build('later');
    await decompressAppImage({ from: path('later'), to: path('later-stored') });
    const digest = async (name: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(path(name)))
        .digest('hex');
    expect(await digest('later-stored')).toBe(await digest('stored'));
  });

  it('refuses a file that is not an AppImage and leaves it unchanged', async () => {
    const noise = Buffer.concat([randomBytes(1000), Buffer.from('hsqs'), randomBytes(10)]);
    await writeFile(path('noise'), noise);
    await expect(decompressAppImage({ from: path('noise'), to: path('noise') })).rejects.toMatchObject({
      code: 'PUBLISH_INPUT',
    });
    expect((await readFile(path('noise'))).equals(noise)).toBe(true);
  });

  it('finds the image after a runtime that contains the magic number itself', async () => {
    const file = await open(path('old'));
    expect((await findSquashfs(file))?.offset).toBe(runtime.length);
    await file.close();
  });
});
