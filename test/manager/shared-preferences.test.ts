import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

import { createHeadlessUpdater, type Updater } from '../../src/main/headless.ts';
import { app } from '../support/release-index.ts';

const run = promisify(execFile);
const source = pathToFileURL(resolve(import.meta.dirname, '../../src/main/manager/storage/preferences.ts')).href;

it('an app that is moved or renamed keeps what its user chose', async () => {
  const stateHome = await mkdtemp(join(tmpdir(), 'moved-'));
  onTestFinished(async () => rm(stateHome, { recursive: true }));
  const address = 'http://127.0.0.1:9/';
  const start = async (execPath: string): Promise<Updater> => {
    const updater = await createHeadlessUpdater({
      name: 'Notes',
      version: '1.0.0',
      execPath,
      env: { XDG_STATE_HOME: stateHome },
      root: new Uint8Array(),
      config: { schema: 1, app, metadataUrl: address, targetsUrls: [address], channel: 'stable', publisher: 'none' },
    });
    onTestFinished(async () => updater.close());
    return updater;
  };
  const before = await start('/home/me/Notes.AppImage');
  await before.setChannel('beta');
  const renamed = await start('/home/me/Notes-latest.AppImage');
  expect(renamed.channel).toBe('beta');
});

/** One copy of the app in its own process: it changes one choice many times while the other copy changes another. */
const copy = `
  const { openPreferences } = await import(process.argv[1]);
  const [, , place, userDirectory, name] = process.argv;
  const logger = { debug() {}, info() {}, warn: console.error, error: console.error };
  const preferences = openPreferences(place, logger, userDirectory);
  for (let round = 0; round < 20; round++) await preferences.set({ [name]: '1.' + round + '.0', offered: name });
  console.log(JSON.stringify(await preferences.get()));
`;

it('two copies of an app in two processes lose no choice of each other', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'copies-'));
  onTestFinished(async () => rm(directory, { recursive: true }));
  const outputs = await Promise.all(
    ['skipped', 'channel'].map(async (name) => {
      const args = ['--input-type=module', '-e', copy, source, join(directory, name), directory, name];
      const { stdout, stderr } = await run(process.execPath, args);
      return { ...(JSON.parse(stdout) as { installId: string; offered: string }), stderr };
    }),
  );
  const stored = JSON.parse(await readFile(join(directory, 'preferences.json'), 'utf8')) as { installId: string };
  const { installId } = stored;
  expect({ stored, outputs }).toMatchObject({
    stored: { installId: expect.any(String) as string, skipped: '1.19.0', channel: '1.19.0' },
    outputs: [
      { installId, offered: 'skipped', stderr: '' },
      { installId, offered: 'channel', stderr: '' },
    ],
  });
});
