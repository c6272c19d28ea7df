// @module-tag slow
import { access, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { installDemo, type InstalledApp } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld } from '../../scripts/demo/world.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { createDemoPackager } from '../../scripts/package-demo.ts';
import { electronName, windows } from '../support/electron.ts';
import { requires } from '../support/requires.ts';

/** As electron-builder packages it: `app.asar` with its integrity checked, and the fuses of the demo app. */
describe(`a portable directory of the demo app, in ${electronName}`, requires(windows), () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'portable-electron-'));
  });
  afterAll(async () => {
    await endProcessesOf(directory);
    await rm(directory, { recursive: true, force: true });
  });

  it('updates itself, starts the new version, and confirms it', { timeout: 240_000 }, async () => {
    const world = await createDemoWorld(directory);
    const packager = await createDemoPackager(directory, undefined, 'portable');
    const { update } = world;
    const old = await packager.package({ version: '1.0.0', out: join(directory, '1.0.0'), update });
    const app = await installDemo(old, join(directory, 'home'));
    const next = await packager.package({ version: '1.1.0', out: join(directory, '1.1.0'), update });
    await world.publish(next);
    await openDisplay();
    await app.run(['--update']);
    const updates = await updatesOf(app);
    await expect.poll(async () => readdir(updates), { timeout: 60_000 }).not.toContain('journal.json');
    const { stdout } = await app.run(['--version']);
    const history = JSON.parse(await readFile(join(updates, 'history.json'), 'utf8')) as unknown;
    await world.close();
    const unpacked = (await readdir(next.directory)).find((name) => name.endsWith('-unpacked')) ?? '';
    const resources = join(next.directory, unpacked, 'resources');
    await access(join(resources, 'app.asar'));
    expect({
      stdout,
      history,
      kind: await readFile(join(resources, 'package-type'), 'utf8'),
    }).toMatchObject({
      stdout: 'Notes 1.1.0\n',
      history: [{ result: 'installed', from: '1.0.0', to: '1.1.0' }],
      kind: 'portable',
    });
  });
});

async function updatesOf({ home }: InstalledApp): Promise<string> {
  const base = join(home, '.local/state/org.example.notes/updates');
  return join(base, (await readdir(base))[0] ?? '');
}
