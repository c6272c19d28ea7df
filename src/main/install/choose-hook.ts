import { dirname } from 'node:path';

import type { ArtifactKind } from '../../shared/release-index.ts';
import type { DisabledReason } from '../../shared/state.ts';
import type { AppFacts } from '../ports.ts';

/** Which install hook fits this installation, or why none does. */
export type HookChoice =
  | { readonly kind: ArtifactKind }
  | { readonly kind: undefined; readonly reason: DisabledReason; readonly what: string; readonly how: string };

/**
 * Chooses by facts alone. `packageType` is the content of `resources/package-type`, which electron-builder writes into
 * packages for deb, rpm and pacman.
 */
export function chooseHook(facts: AppFacts, packageType: string | undefined): HookChoice {
  const store = storeName(facts);
  if (store !== undefined) {
    return none('managed-by-store', `This app is updated by ${store}.`, `Use ${store} to update it.`);
  }
  if (!facts.isPackaged) return none('development', 'Updates are off in development.', 'Package the app to try them.');
  switch (facts.platform) {
    case 'win32':
      return { kind: packageType === 'portable' ? 'portable' : 'nsis' };
    case 'darwin':
      return { kind: 'mac-zip' };
    case 'linux':
      return chooseOnLinux(facts, packageType);
    default:
      return none('unsupported', `Updates are not supported on ${facts.platform}.`, 'Install new versions by hand.');
  }
}

function chooseOnLinux(facts: AppFacts, packageType: string | undefined): HookChoice {
  if (isOwnAppImage(facts)) return { kind: 'appimage' };
  switch (packageType?.trim()) {
    case 'deb':
      return { kind: 'deb' };
    case 'rpm':
      return { kind: 'rpm' };
    case 'pacman':
      return { kind: 'pacman' };
    case 'portable':
      return { kind: 'portable' };
    default:
      return none(
        'unsupported',
        'This installation can not update itself.',
        'Download the new version from its website.',
      );
  }
}

/** `$APPIMAGE` is inherited by everything an AppImage starts: it is ours only if we run from its mount. */
function isOwnAppImage(facts: AppFacts): boolean {
  const mount = facts.env['APPDIR'];
  const image = facts.env['APPIMAGE'];
  if (mount === undefined || image === undefined || !image.startsWith('/')) return false;
  return `${dirname(facts.execPath)}/`.startsWith(`${mount.replace(/\/+$/, '')}/`);
}

function storeName(facts: AppFacts): string | undefined {
  if (facts.platform === 'linux' && facts.env['SNAP'] !== undefined && facts.execPath.startsWith('/snap/'))
    return 'the Snap Store';
  if (facts.platform === 'linux' && facts.env['FLATPAK_ID'] !== undefined && facts.execPath.startsWith('/app/'))
    return 'Flatpak';
  if (facts.platform === 'win32' && /\\WindowsApps\\/i.test(facts.execPath)) return 'the Microsoft Store';
  if (facts.platform === 'darwin' && facts.env['APP_SANDBOX_CONTAINER_ID'] !== undefined) return 'the App Store';
  return undefined;
}

function none(reason: DisabledReason, what: string, how: string): HookChoice {
  return { kind: undefined, reason, what, how };
}
