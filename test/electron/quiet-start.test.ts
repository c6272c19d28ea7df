import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { createDemoWorld } from '../../scripts/demo/world.ts';
import { electronName, windows } from '../support/electron.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import { requires } from '../support/requires.ts';
import type { QuietStartApp } from './quiet-start-app/main.ts';

declare const quietStartApp: QuietStartApp;

let directory: string;
let testApp: TestApp | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quiet-start-'));
});
afterAll(async () => {
  await testApp?.close();
  await rm(directory, { recursive: true, force: true });
});

it(`does nothing before the first window is ready, in ${electronName}`, requires(windows), async () => {
  const world = await createDemoWorld(directory);
  await world.close();
  testApp = await startTestApp({ main: join(import.meta.dirname, 'quiet-start-app/main.ts'), update: world.update });
  const { app } = testApp;
  const seen = async (): Promise<boolean | undefined> => app.evaluate(() => quietStartApp.seen());
  await expect.poll(seen, { timeout: 10_000 }).toBe(false);
  await expect.poll(async () => app.evaluate(() => quietStartApp.sees()), { timeout: 10_000 }).toBe(true);
});
