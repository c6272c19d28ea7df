import type { ArtifactKind } from '../../shared/release-index.ts';
import type { DisabledReason } from '../../shared/state.ts';
import type { AppFacts } from '../ports.ts';
import { isOwnAppImage } from './install-path.ts';

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
      return { kind: packageType?.trim() === 'portable' ? 'portable' : 'nsis' };
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

function storeName(facts: AppFacts): string | undefined {
  const { platform, env, execPath } = facts;
  switch (platform) {
    case 'linux': {
      // These variables are inherited by everything that a Snap or Flatpak starts: the place decides.
      const snap = env['SNAP'];
      if (snap !== undefined && snap.length > 1 && execPath.startsWith(`${snap}/`)) return 'the Snap Store';
      if (env['FLATPAK_ID'] !== undefined && execPath.startsWith('/app/')) return 'Flatpak';
      return execPath.startsWith('/nix/store/') || execPath.startsWith('/gnu/store/')
        ? 'its package manager'
        : undefined;
    }
    case 'win32':
      return /\\WindowsApps\\/i.test(execPath) ? 'the Microsoft Store' : undefined;
    case 'darwin':
      return env['APP_SANDBOX_CONTAINER_ID'] === undefined ? undefined : 'the App Store';
    default:
      return undefined;
  }
}

function none(reason: DisabledReason, what: string, how: string): HookChoice {
  return { kind: undefined, reason, what, how };
}
