import { canOpenDisplay, howToInstallDisplay } from '../../scripts/electron/display.ts';
import { type ElectronDist, findElectron, howToInstallElectron } from '../../scripts/electron/electron-dist.ts';
import type { Shim } from '../../scripts/electron/shims.ts';
import type { Requirement } from './requires.ts';

const found = await findElectron();

/** The Electron that tests of windows run in. With CI=true there is one, see `electron-setup.ts`. */
export const electronName: string = found === undefined ? 'Electron' : `Electron ${found.version}`;

/** What tests add to it, because it is old. */
export const electronShims: readonly Shim[] = found?.shims ?? [];

const missing = [
  ...(found === undefined ? [howToInstallElectron] : []),
  ...((await canOpenDisplay()) ? [] : [howToInstallDisplay]),
];

/** For `describe('…', requires(windows), …)`: Electron, and a display for its windows. */
export const windows: Requirement = {
  name: 'Electron and a display',
  remedy: missing.join(' && '),
  isMet: missing.length === 0,
};

/** For tests that are not skipped. */
export function electron(): ElectronDist {
  if (found === undefined) throw new Error(`There is no Electron: ${howToInstallElectron}`);
  return found;
}
