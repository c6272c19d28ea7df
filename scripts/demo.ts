/**
 * `npm run demo`: runs Notes on this machine, with updates from a repository whose publisher you are. A control strip,
 * a page on loopback, publishes, breaks, withdraws and rolls out versions. Everything happens in a temporary directory.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { watchApp } from './demo/app-view.ts';
import { serveControl } from './demo/control-server.ts';
import { endProcessesOf } from './demo/processes.ts';
import { createStudio } from './demo/studio.ts';
import { describeElectron, findElectron, howToInstallElectron } from './electron/electron-dist.ts';
import { howToInstallDisplay, openDisplay } from './electron/display.ts';

const { values: options } = parseArgs({
  options: { picture: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (options.help) {
  console.log(
    'npm run demo -- [--picture]\n\n--picture  show Notes in the control strip, even where there is a display',
  );
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  if (process.platform !== 'linux') return fail('The demo shows an update of an AppImage: it runs on Linux.');
  const electron = await findElectron();
  if (electron === undefined) return fail(`The demo needs Electron: ${howToInstallElectron}`);
  const display = await openDisplay();
  if (display === undefined) return fail(`The demo needs a display: a desktop session, or ${howToInstallDisplay}`);
  const withPicture = options.picture || display.isVirtual;

  const stopped = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve());
  });
  const directory = await mkdtemp(join(tmpdir(), 'notes-demo-'));
  try {
    console.log('Creating a repository, a publisher and Notes 1.0.0 …');
    const studio = await createStudio(directory);
    const view = withPicture ? watchApp(studio.home) : undefined;
    const control = await serveControl(studio, view);
    await studio.act('publish');
    await studio.act('start-app');
    const where = withPicture ? 'Its window is shown live in the control strip.' : 'Its window is on your screen.';
    console.log(`\n  control strip   ${control.url}\n  repository      ${studio.state().repository}\n`);
    console.log(`Notes 1.0.0 runs in ${describeElectron(electron)}. ${where} Ctrl-C ends everything.`);
    await stopped;
    view?.close();
    await control.close();
    await endProcessesOf(directory);
    await studio.close();
    return 0;
  } finally {
    await endProcessesOf(directory);
    await display.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function fail(reason: string): number {
  console.error(reason);
  return 1;
}
