import { canOpenDisplay, howToInstallDisplay } from '../../scripts/electron/display.ts';
import { type ElectronDist, findElectron, howToInstallElectron } from '../../scripts/electron/electron-dist.ts';

const found = await findElectron();

/** The Electron that tests of windows run in. With CI=true there is one, see `electron-setup.ts`. */
export const electronName: string = found === undefined ? 'Electron' : `Electron ${found.version}`;

/**
 * For `describe.skipIf(!hasElectron)`: on a person's machine the tests are skipped, and what to install is printed; with
 * CI=true that is an error.
 */
export const hasElectron: boolean = await isReady();

/** For tests that are not skipped. */
export function electron(): ElectronDist {
  if (found === undefined) throw new Error(`There is no Electron: ${howToInstallElectron}`);
  return found;
}

async function isReady(): Promise<boolean> {
  const missing =
    found === undefined ? howToInstallElectron : (await canOpenDisplay()) ? undefined : howToInstallDisplay;
  if (missing === undefined) return true;
  if (process.env['CI'] === 'true') throw new Error(`CI must run the tests in Electron: ${missing}`);
  console.warn(`skipped: needs Electron and a display: ${missing}`);
  return false;
}
