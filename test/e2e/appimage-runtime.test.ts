import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { writeAppImageTools } from '../../scripts/packaging/appimage-tools.ts';
import { run } from '../../scripts/packaging/run.ts';
import { requires } from '../support/requires.ts';

/** The runtime that the demo's AppImages begin with where AppImage's own cannot be had. */
describe('the AppImage runtime of the demo', requires('mksquashfs', 'unsquashfs'), () => {
  let directory: string;
  let mounts: string;
  let appImage: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'appimage-runtime-'));
    mounts = join(directory, 'tmp');
    await mkdir(mounts);
    appImage = await packAppRun(
      directory,
      'case $1 in wait) sleep 60 >/dev/null 2>&1 & echo ready; wait $!; exit 7;; *) exit 3;; esac',
    );
  });
  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('runs AppRun with its arguments and environment, and returns its exit code', async () => {
    const link = join(directory, 'link');
    await symlink(appImage, link);
    const app = spawn(link, ['a', 'b c'], { env: { ...process.env, TMPDIR: mounts } });
    const [output, [code]] = await Promise.all([text(app.stdout), once(app, 'close')]);
    const [args, appImageSeen, inside] = output.split('\n');
    expect({ args, appImageSeen, inside, code, left: await readdir(mounts) }).toEqual({
      args: '2 a b c',
      appImageSeen: appImage,
      inside: 'AppRun',
      code: 3,
      left: [],
    });
  });

  it('forwards signals, waits for the app and leaves nothing behind', async () => {
    const app = spawn(appImage, ['wait'], { env: { ...process.env, TMPDIR: mounts } });
    let output = '';
    app.stdout.setEncoding('utf8').on('data', (more: string) => (output += more));
    await vi.waitFor(() => expect(output).toContain('ready'), { timeout: 20_000 });
    const during = await readdir(mounts);
    app.kill('SIGTERM');
    const [code] = await once(app, 'close');
    expect({
      during: during.length,
      code,
      said: output.includes('got TERM'),
      left: await readdir(mounts),
    }).toEqual({
      during: 1,
      code: 9,
      said: true,
      left: [],
    });
  });
});

async function packAppRun(directory: string, body: string): Promise<string> {
  const content = join(directory, 'content');
  const appImage = join(directory, 'Some.AppImage');
  await mkdir(content);
  const script = `#!/bin/sh\ntrap 'kill $!; echo got TERM; exit 9' TERM\necho $# "$@"\necho "$APPIMAGE"\nls "$APPDIR"\n${body}\n`;
  await writeFile(join(content, 'AppRun'), script, { mode: 0o755 });
  const tools = await writeAppImageTools(join(directory, 'tools'));
  if (tools === undefined) throw new Error('squashfs-tools is not installed.');
  const mksquashfs = join(tools, `linux-${process.arch}`, 'mksquashfs');
  await run(mksquashfs, [content, appImage, '-offset', '4096', '-noappend', '-quiet', '-no-progress']);
  await run('dd', [`if=${join(tools, `runtime-${process.arch}`)}`, `of=${appImage}`, 'conv=notrunc', 'status=none']);
  await chmod(appImage, 0o755);
  return appImage;
}
