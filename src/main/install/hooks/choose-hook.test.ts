import { expect, it } from 'vitest';

import type { ArtifactKind } from '../../../shared/artifact-kinds.ts';
import { explain } from '../../../shared/explanation.ts';
import type { DisabledReason } from '../../../shared/state.ts';
import type { AppFacts } from '../../ports.ts';
import { chooseHook } from './choose-hook.ts';

function factsOf(change: Partial<AppFacts>): AppFacts {
  return {
    name: 'Notes',
    version: '1.0.0',
    isPackaged: true,
    platform: 'linux',
    arch: 'x64',
    nativeArch: 'x64',
    systemVersion: '',
    execPath: '/opt/Notes/notes',
    resourcesPath: '/opt/Notes/resources',
    argv: [],
    env: {},
    stateHome: '',
    locale: 'en',
    ...change,
  };
}

const image = { APPIMAGE: '/home/me/Notes.AppImage', APPDIR: '/tmp/.mount_Notes' };
const windows = (execPath: string) => ({ platform: 'win32', execPath }) as const;
const mac = (execPath: string, env = {}) => ({ platform: 'darwin', execPath, env }) as const;

it.each<[string, Partial<AppFacts>, string | undefined, ArtifactKind]>([
  ['an AppImage', { execPath: '/tmp/.mount_Notes/notes', env: image }, undefined, 'appimage'],
  ['an AppImage of a package', { execPath: '/tmp/.mount_Notes/notes', env: image }, 'deb', 'appimage'],
  ['a deb', {}, 'deb', 'deb'],
  ['an rpm', {}, 'rpm\n', 'rpm'],
  ['a pacman package', {}, 'pacman', 'pacman'],
  ['a portable directory', {}, 'portable', 'portable'],
  ['a portable directory that an AppImage started', { env: image }, 'portable', 'portable'],
  ['a deb that an AppImage started', { env: image }, 'deb', 'deb'],
  ['a deb that a Snap started', { env: { SNAP: '/snap/code/12' } }, 'deb', 'deb'],
  ['a deb that a Flatpak started', { env: { FLATPAK_ID: 'org.example.code' } }, 'deb', 'deb'],
  ['a deb with an empty $SNAP', { env: { SNAP: '' } }, 'deb', 'deb'],
  ['a deb with $APPDIR of the whole disk', { env: { APPIMAGE: '/evil', APPDIR: '/' } }, 'deb', 'deb'],
  ['a deb with $APPDIR of a sibling', { env: { APPIMAGE: '/evil', APPDIR: '/opt/Note' } }, 'deb', 'deb'],
  ['an installed app on Windows', windows(String.raw`C:\Program Files\Notes\Notes.exe`), undefined, 'nsis'],
  ['a folder named like the store', windows(String.raw`C:\MyWindowsApps\Notes.exe`), undefined, 'nsis'],
  ['a zip on Windows', windows(String.raw`D:\Notes\Notes.exe`), 'portable', 'portable'],
  ['an app on macOS', mac('/Applications/Notes.app/Contents/MacOS/Notes'), undefined, 'mac-zip'],
])('finds the hook of %s', (_what, facts, packageType, kind) => {
  expect(chooseHook(factsOf(facts), packageType)).toEqual({ kind });
});

const byHand = 'Download the new version from the website of the app, and install it yourself.';

it.each<[string, Partial<AppFacts>, DisabledReason, what: string, how: string]>([
  [
    'a Snap',
    { execPath: '/snap/notes/12/notes', env: { SNAP: '/snap/notes/12' } },
    'managed-by-store',
    'Snap Store keeps this app up to date.',
    'To do it now, run: sudo snap refresh notes',
  ],
  [
    'a Snap in another snap directory',
    { execPath: '/var/lib/snapd/snap/notes/x1/notes', env: { SNAP: '/var/lib/snapd/snap/notes/x1' } },
    'managed-by-store',
    'Snap Store keeps this app up to date.',
    'To do it now, run: sudo snap refresh notes',
  ],
  [
    'a Flatpak',
    { execPath: '/app/notes/notes', env: { FLATPAK_ID: 'org.example.notes' } },
    'managed-by-store',
    'Flatpak keeps this app up to date.',
    'To do it now, run: flatpak update org.example.notes',
  ],
  [
    'a Flatpak with an invalid id',
    { execPath: '/app/notes/notes', env: { FLATPAK_ID: 'x; rm -rf ~' } },
    'managed-by-store',
    'Flatpak keeps this app up to date.',
    "To do it now, run: flatpak update 'x; rm -rf ~'",
  ],
  [
    'a package of Nix',
    { execPath: '/nix/store/abc-notes/bin/notes' },
    'managed-by-store',
    'Nix keeps this app up to date.',
    'To do it now, run: nix profile upgrade --all',
  ],
  [
    'a package of Guix',
    { execPath: '/gnu/store/abc-notes/bin/notes' },
    'managed-by-store',
    'Guix keeps this app up to date.',
    'To do it now, run: guix upgrade',
  ],
  [
    'an MSIX package',
    windows(String.raw`C:\Program Files\WindowsApps\Notes_1.0.0.0_x64__abc\Notes.exe`),
    'managed-by-store',
    'Microsoft Store keeps this app up to date.',
    'To do it now, run: start ms-windows-store://downloadsandupdates',
  ],
  [
    'an app of the Mac App Store',
    mac('/Applications/Notes.app/Contents/MacOS/Notes', { APP_SANDBOX_CONTAINER_ID: 'org.example.notes' }),
    'managed-by-store',
    'App Store keeps this app up to date.',
    'To do it now, run: open macappstore://showUpdatesPage',
  ],
  [
    'an app in development',
    { isPackaged: false, execPath: '/home/me/notes/node_modules/electron/dist/electron' },
    'development',
    'Updates are off in development.',
    'Package the app to try them, for example with: npx electron-builder',
  ],
  ['a directory of unknown origin', {}, 'unsupported', 'This installation cannot update itself.', byHand],
  ['another system', { platform: 'freebsd' }, 'unsupported', 'This installation cannot update itself.', byHand],
])('finds no hook for %s, and says why', (_what, facts, reason, what, how) => {
  const choice = chooseHook(factsOf(facts), undefined);
  if (choice.kind !== undefined) throw new Error('A hook was chosen.');
  expect({ reason: choice.reason, ...explain(choice.explanation) }).toEqual({ reason, what, how });
});
