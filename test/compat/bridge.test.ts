import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';

import { serveDirectory } from '../support/web-server.ts';
import { openElectronUpdater, writeLatest } from './electron-updater.ts';

/** The bridge of docs/migrate-from-electron-updater.md, its first hop; a script stands for the app's AppImage. */
it('updates an app with electron-updater to the first release without it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'bridge-'));
  const site = join(home, 'site');
  await mkdir(site);
  const web = await serveDirectory(site);
  const installed = join(home, 'Notes-1.0.0.AppImage');
  await writeFile(installed, '#!/bin/sh\nexit 1\n');
  await chmod(installed, 0o755);
  const bridge = Buffer.from(`#!/bin/sh\necho "$APPIMAGE_EXIT_AFTER_INSTALL" >${home}/started\n`);
  await writeLatest(site, '1.1.0', bridge);
  vi.stubEnv('APPIMAGE', installed);
  try {
    const old = openElectronUpdater(home, web.url);
    old.autoInstallOnAppQuit = false;
    await (
      await old.checkForUpdates()
    )?.downloadPromise;
    const isInstalled = old.install(true, false);
    expect({
      isInstalled,
      apps: (await readdir(home)).filter((name) => name.endsWith('.AppImage')),
      same: (await readFile(join(home, 'Notes-1.1.0.AppImage'))).equals(bridge),
      started: (await readFile(join(home, 'started'), 'utf8')).trim(),
    }).toEqual({ isInstalled: true, apps: ['Notes-1.1.0.AppImage'], same: true, started: 'true' });
  } finally {
    vi.unstubAllEnvs();
    await web.close();
    await rm(home, { recursive: true, force: true });
  }
});
