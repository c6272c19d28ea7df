import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createDemoWorld } from '../../scripts/demo/world.ts';
import { electronName, electronShims, windows } from '../support/electron.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import { requires, type Requirement } from '../support/requires.ts';
import type { OldApp } from './too-old-app/main.ts';

declare const oldApp: OldApp;

const old: Requirement = {
  name: 'an Electron before 36, which has no node:sqlite',
  remedy: 'npm run get-electron, without another Electron',
  isMet: electronShims.length > 0,
  isOptional: true,
};

let directory: string;
let testApp: TestApp | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'too-old-'));
});
afterAll(async () => {
  await testApp?.close();
  await rm(directory, { recursive: true, force: true });
});

it(
  `${electronName} as it is turns updates off and says why; nothing throws`,
  { ...requires(windows, old) },
  async () => {
    const world = await createDemoWorld(directory);
    await world.close();
    testApp = await startTestApp({
      main: join(import.meta.dirname, 'too-old-app/main.ts'),
      update: world.update,
      withoutShims: true,
    });
    const message = `${electronName} is too old for updates: it has no node:sqlite. Build the app with Electron 40 or newer.`;
    const off = { type: 'disabled', reason: 'misconfigured', message };
    expect(await testApp.app.evaluate(async () => oldApp.tryAll())).toMatchObject({
      ready: off,
      checked: off,
      confirmed: 'no error',
      report: 'Updates are off (misconfigured).',
    });
  },
);
