// @module-tag slow
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { homeEnvironment } from '../../scripts/demo/installed-app.ts';
import { endProcessesOf, processesOf } from '../../scripts/demo/processes.ts';
import { createDemoWorld, type DemoWorld } from '../../scripts/demo/world.ts';
import { bundleForElectron } from '../../scripts/electron/bundle-main.ts';
import { openDisplay } from '../../scripts/electron/display.ts';
import { layOutApp } from '../../scripts/electron/lay-out-app.ts';
import { applyShims } from '../../scripts/electron/shims.ts';
import type { PackagedDemo } from '../../scripts/package-demo.ts';
import { embedUpdates } from '../../src/builder/index.ts';
import { rootStateDirectory } from '../../src/shared/native-package.ts';
import { installByHand, installedVersion, makePackage, programsOf, removePackage } from '../install/native/packages.ts';
import { type Polkit, startPolkit } from '../install/native/polkit.ts';
import { takeTurn, turnMs } from '../install/native/turns.ts';
import { giveTo, nobody } from '../install/native/world.ts';
import { electron, electronName, windows } from '../support/electron.ts';
import { requires, root } from '../support/requires.ts';

const polkitPrograms = ['pkexec', 'pkaction', 'dbus-daemon', 'dbus-send', '/usr/lib/polkit-1/polkitd'] as const;

/** The test uses the real dpkg and polkit and an unprivileged user. Electron runs the root helper as Node. */
describe(`a deb, in ${electronName}`, requires(windows, root, ...programsOf.deb, ...polkitPrograms), () => {
  const id = randomBytes(4).toString('hex');
  const name = `etu-electron-${id}`;
  const product = `ElectronNotes${id}`;
  const installDirectory = join('/opt', product);
  let directory: string;
  let world: DemoWorld;
  let polkit: Polkit;
  let endTurn: () => void;

  beforeAll(async () => {
    endTurn = await takeTurn('deb');
    directory = await mkdtemp(join(tmpdir(), 'electron-deb-'));
    await chmod(directory, 0o755);
    world = await createDemoWorld(directory);
    await bundleForElectron({ main: join(import.meta.dirname, 'failing-app/main.ts') }, join(directory, 'bundle'));
    await openDisplay();
    const first = await build('1.0.0');
    await installByHand('deb', first.artifact);
    await world.publish(await build('1.1.0'));
    const policy = `${world.config.app}.install-update`;
    polkit = await startPolkit(policy, join(installDirectory, `resources/update/${world.config.app}.policy`));
  }, turnMs);
  afterAll(async () => {
    await polkit?.close();
    await endProcessesOf(installDirectory);
    await removePackage('deb', name);
    await rm(installDirectory, { recursive: true, force: true });
    await rm(join(rootStateDirectory, world.config.app), { recursive: true, force: true });
    await world?.close();
    await rm(directory, { recursive: true, force: true });
    endTurn?.();
  });

  async function build(version: string): Promise<PackagedDemo> {
    const tree = join(directory, `tree-${version}`);
    const program = join(tree, installDirectory);
    await layOutApp({
      electron: electron(),
      directory: program,
      program: 'notes',
      description: { name: 'notes', productName: product, version, main: 'dist/main.mjs' },
      files: join(directory, 'bundle'),
    });
    const resources = join(program, 'resources');
    await embedUpdates({ update: world.update })({
      appOutDir: program,
      electronPlatformName: 'linux',
      targets: [{ name: 'deb' }],
      packager: {
        projectDir: directory,
        executableName: 'notes',
        appInfo: { id: world.config.app, version, productName: product, sanitizedProductName: product },
        getResourcesDir: () => resources,
      },
    });
    await applyShims(join(resources, 'update'), electron().shims);
    const made = await makePackage({ kind: 'deb', name, version, tree }, join(directory, `deb-${version}`));
    const out = join(directory, `release-${version}`);
    const artifact = join(out, `Notes-${version}-linux-amd64.deb`);
    await mkdir(out);
    await cp(made, artifact);
    return { version, directory: out, artifact, length: 0 };
  }

  /** Runs the installed app as an unprivileged user and waits until it ends. */
  async function update(home: string): Promise<void> {
    await mkdir(join(home, 'tmp'), { recursive: true });
    await giveTo(nobody, home);
    const child = spawn(join(installDirectory, 'notes'), [], {
      cwd: home,
      uid: nobody,
      gid: nobody,
      env: { ...homeEnvironment(home), NOTES_PLAN: 'update' },
      stdio: 'ignore',
    });
    await once(child, 'exit');
  }

  /** Returns the version that each start of the app recorded. */
  async function starts(home: string): Promise<readonly string[]> {
    return (await readFile(join(home, 'starts'), 'utf8')).trim().split('\n');
  }

  it('stays as it is while polkit says no, and is updated and started again when it says yes', async () => {
    const home = join(directory, 'home');
    await polkit.answer('NO');
    await update(home);
    // The app quit for the install. polkit refused the install, so the old version starts again.
    await expect.poll(async () => starts(home), { timeout: 20_000 }).toEqual(['1.0.0', '1.0.0']);
    await expect.poll(async () => processesOf(installDirectory), { timeout: 20_000 }).toEqual([]);
    const between = await installedVersion('deb', name);
    await polkit.answer('YES');
    await update(home);
    await expect.poll(async () => starts(home), { timeout: 20_000 }).toEqual(['1.0.0', '1.0.0', '1.0.0', '1.1.0']);
    expect({ between, after: await installedVersion('deb', name) }).toEqual({ between: '1.0.0', after: '1.1.0' });
  }, 180_000);
});
