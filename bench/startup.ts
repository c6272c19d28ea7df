import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

import { homeEnvironment } from '../scripts/demo/installed-app.ts';
import { createDemoWorld } from '../scripts/demo/world.ts';
import { appUser, giveToAppUser, openWay } from '../scripts/electron/app-user.ts';
import { openDisplay } from '../scripts/electron/display.ts';
import { describeElectron, findElectron, howToInstallElectron } from '../scripts/electron/electron-dist.ts';
import { layOutApp } from '../scripts/electron/lay-out-app.ts';
import { applyShims } from '../scripts/electron/shims.ts';
import {
  type Bench,
  type BenchReport,
  type BenchRow,
  compare,
  type Contender,
  inTurn,
  type Measures,
} from './frame.ts';

const root = resolve(import.meta.dirname, '..');

/** The packaged app whose start is measured. */
interface StartupApp {
  start(updater: string): Promise<Measures>;
}

async function layOut(directory: string, report: BenchReport): Promise<StartupApp> {
  const electron = await findElectron();
  if (electron === undefined) throw new Error(`This needs Electron: ${howToInstallElectron}`);
  report.note(describeElectron(electron));
  const world = await createDemoWorld(join(directory, 'world'));
  await world.close();
  const program = join(directory, 'app');
  const home = join(directory, 'home');
  const image = join(home, 'Startup.AppImage');
  const executable = await layOutApp({
    electron,
    directory: program,
    program: 'startup',
    description: { name: 'startup', version: '1.0.0', main: 'app/main.mjs' },
    files: join(import.meta.dirname, 'startup-app'),
    as: 'app',
    update: world.update,
  });
  const app = join(program, 'resources/app/app');
  await cp(join(root, 'dist'), join(app, 'package'), { recursive: true });
  await applyShims(join(app, 'package'), electron.shims);
  await symlink(join(root, 'node_modules'), join(app, 'node_modules'));
  await mkdir(join(home, 'tmp'), { recursive: true });
  await writeFile(image, 'an installation that could be updated');
  await giveToAppUser(home);
  await openWay(program);
  return {
    async start(updater) {
      const child = spawn(executable, [`--updater=${updater}`], {
        cwd: home,
        env: { ...homeEnvironment(home), APPIMAGE: image, APPDIR: program },
        stdio: ['ignore', 'pipe', 'ignore'],
        ...appUser(),
      });
      const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
      return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Measures;
    },
  };
}

export const bench: Bench = {
  about:
    "what createUpdater() costs a packaged app's start in Electron, against electron-updater's autoUpdater and against no updater",
  async run(report) {
    const directory = await mkdtemp(join(tmpdir(), 'bench-startup-'));
    const display = await openDisplay();
    try {
      const app = await layOut(directory, report);
      const contender = (name: string): Contender => ({ name, run: async () => app.start(name) });
      const names = ['ours (ESM)', 'ours (CommonJS)', 'electron-updater', 'none'];
      const [esm, cjs, theirs, none] = await inTurn(names.map(contender), report, { rounds: 15, warmUps: 2 });
      if (esm === undefined || cjs === undefined || theirs === undefined || none === undefined) return [];
      // Without an updater nothing is imported, so there is no ratio.
      const isFinite = ({ ratio, metric }: BenchRow): boolean =>
        Number.isFinite(ratio) && metric !== 'import and call ms';
      return [
        ...compare('ESM', [esm, theirs]),
        ...compare('CommonJS', [cjs, theirs]),
        ...compare('ESM, no updater', [esm, none]).filter(isFinite),
        ...compare('CommonJS, no updater', [cjs, none]).filter(isFinite),
      ];
    } finally {
      await display?.close();
      await rm(directory, { recursive: true, force: true });
    }
  },
};
