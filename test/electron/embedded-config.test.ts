import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createUpdater } from '../../src/main/index.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { type FakeElectron, fakeElectron } from '../support/fake-electron.ts';

let electron: FakeElectron;
vi.mock('electron', () => ({
  get app() {
    return electron.app;
  },
  get BrowserWindow() {
    return electron.BrowserWindow;
  },
  get BaseWindow() {
    return electron.BrowserWindow;
  },
  get webContents() {
    return electron.webContents;
  },
  get powerMonitor() {
    return electron.powerMonitor;
  },
}));

let resources: string;
beforeEach(async () => {
  resources = await mkdtemp(join(tmpdir(), 'resources-'));
  electron = fakeElectron();
  Object.assign(process, { getSystemVersion: () => '6.1.0', resourcesPath: resources });
});
afterEach(async () => {
  Reflect.deleteProperty(process, 'getSystemVersion');
  Reflect.deleteProperty(process, 'resourcesPath');
  await rm(resources, { recursive: true, force: true });
});

const embed = async (text: string): Promise<void> => {
  await mkdir(join(resources, 'update'));
  await writeFile(join(resources, 'update/update.json'), text);
};
const config = {
  schema: 1,
  app: 'org.example.notes',
  metadataUrl: 'https://updates.example.org/metadata/',
  targetsUrls: ['https://updates.example.org/targets/'],
  publisher: 'none',
};

describe('a packaged app whose build forgot or broke update.json', () => {
  it.each([
    ['is missing', undefined, /update\.json is not in .*electron-tuf init/],
    ['is not JSON', '{', /update\.json cannot be read/],
    ['has an address with a query', JSON.stringify({ ...config, metadataUrl: 'https://x.example/?token=1' }), /query/],
  ])('disables updates and says why if it %s', async (_, text, message) => {
    if (text !== undefined) await embed(text);
    const logger = createRecordingLogger();
    const updater = createUpdater({ logger });
    await updater.whenReady();
    expect({
      state: updater.state,
      logged: logger.lines.some((line) => line.includes('Updates are off:')),
    }).toMatchObject({
      state: { type: 'disabled', reason: 'misconfigured', message: expect.stringMatching(message) as string },
      logged: true,
    });
  });

  it('throws in development, where the developer sees it', () => {
    electron.app.isPackaged = false;
    expect(() => createUpdater({ forceInDevelopment: true })).toThrow(/update\.json is not in/);
  });

  it('accepts a byte order mark', async () => {
    await embed(`\uFEFF${JSON.stringify(config)}`);
    const updater = createUpdater({ healthyAfterSeconds: 'manual' });
    expect(updater.state.type).not.toBe('disabled');
    await updater.close();
  });
});
