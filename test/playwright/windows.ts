import { electronDist } from '../../scripts/packaging/app-shell.ts';
import { requires } from '../support/requires.ts';

const electron = await electronDist();

/** What shows the windows of these tests. The same specs run in either. */
export const shellName: string =
  electron === undefined ? 'the stand-in for Electron (Node and Chromium)' : `Electron (${electron})`;

/** Without Electron's binary the stand-in needs a Chromium; without one the tests are skipped, in CI they fail. */
export const canShowWindows: boolean = electron !== undefined || requires('chromium');
