import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';
import { startTestApp, type TestApp } from '../support/electron-app.ts';
import type { AsarApp } from './asar-app/main.ts';

declare const asarApp: AsarApp;

/** Every build of electron-builder contains `resources/app.asar`, which Electron's file system treats as a directory. */
describe(`app.asar, in ${electronName}`, requires(windows), () => {
  const content = 'a'.repeat(40_000);
  let testApp: TestApp;

  beforeAll(async () => {
    testApp = await startTestApp({ main: join(import.meta.dirname, 'asar-app/main.ts') });
    await testApp.app.evaluate(async (_, content) => asarApp.lay(content), content);
  });
  afterAll(async () => testApp?.close());

  it('is an ordinary file when an archive is unpacked', async () => {
    expect(await testApp.app.evaluate(async () => asarApp.unpacked())).toBe(content);
  });

  it('is a seed, and can be hashed and chunked', async () => {
    const asar = join(testApp.home, 'asar/Notes/resources/app.asar');
    expect(await testApp.app.evaluate(async () => asarApp.seeds())).toEqual({
      seeds: [asar],
      hashed: 64,
      cut: content.length,
    });
  });

  it('is not an ordinary file for Electron’s own fs, so the product does not use that', async () => {
    const refusals = await testApp.app.evaluate(async () => asarApp.refusals());
    expect(refusals).toEqual([
      expect.stringContaining('Invalid package'),
      expect.stringMatching(/Invalid package|done/),
    ]);
  });
});
