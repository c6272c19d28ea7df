import { type ArtifactKind, kindOfPackageType } from '../../../shared/artifact-kinds.ts';
import type { DisabledReason } from '../../../shared/state.ts';
import type { AppFacts } from '../../ports.ts';
import { isOwnAppImage } from '../location/install-path.ts';
import { shellQuote } from '../support/shell-quote.ts';

/** Which install hook fits this installation, or why none does. */
export type HookChoice =
  | { readonly kind: ArtifactKind }
  | { readonly kind: undefined; readonly reason: DisabledReason; readonly what: string; readonly how: string };

/**
 * Chooses by facts alone. `packageType` is the content of `resources/package-type`, which electron-builder writes into
 * packages for deb, rpm and pacman.
 */
export function chooseHook(facts: AppFacts, packageType: string | undefined): HookChoice {
  const store = storeOf(facts);
  if (store !== undefined) return none('managed-by-store', `This app is updated by ${store.name}.`, store.how);
  if (!facts.isPackaged) {
    return none(
      'development',
      'Updates are off in development.',
      'Package the app to try them, for example with: npx electron-builder',
    );
  }
  switch (facts.platform) {
    case 'win32':
      return { kind: kindOfPackageType(packageType, 'win32') ?? 'nsis' };
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
  const kind = kindOfPackageType(packageType, 'linux');
  if (kind !== undefined) return { kind };
  return none('unsupported', 'This installation cannot update itself.', 'Download the new version from its website.');
}

interface Store {
  readonly name: string;
  /** What a person does there, or the command to run. */
  readonly how: string;
}

function storeOf(facts: AppFacts): Store | undefined {
  const { platform, env, execPath } = facts;
  switch (platform) {
    case 'linux':
      return linuxStoreOf(facts);
    case 'win32': {
      if (!/\\WindowsApps\\/i.test(execPath)) return undefined;
      const how = 'Open it and choose "Get updates", for example with: start ms-windows-store://downloadsandupdates';
      return { name: 'the Microsoft Store', how };
    }
    case 'darwin':
      if (env['APP_SANDBOX_CONTAINER_ID'] === undefined) return undefined;
      return { name: 'the App Store', how: 'Open its updates, for example with: open macappstore://showUpdatesPage' };
    default:
      return undefined;
  }
}

/** The variables are inherited by everything that a Snap or Flatpak starts: the place decides. */
function linuxStoreOf({ env, execPath }: AppFacts): Store | undefined {
  const snap = env['SNAP'];
  if (snap !== undefined && snap.length > 1 && execPath.startsWith(`${snap}/`)) {
    // $SNAP is /snap/<name>/<revision>.
    const name = snap.split('/').at(-2) ?? '';
    return { name: 'the Snap Store', how: `To do it now, run: sudo snap refresh ${shellQuote(name)}` };
  }
  const flatpak = env['FLATPAK_ID'];
  if (flatpak !== undefined && execPath.startsWith('/app/')) {
    return { name: 'Flatpak', how: `To do it now, run: flatpak update ${shellQuote(flatpak)}` };
  }
  if (execPath.startsWith('/nix/store/')) return { name: 'Nix', how: 'To do it now, run: nix profile upgrade --all' };
  if (execPath.startsWith('/gnu/store/')) return { name: 'Guix', how: 'To do it now, run: guix upgrade' };
  return undefined;
}

function none(reason: DisabledReason, what: string, how: string): HookChoice {
  return { kind: undefined, reason, what, how };
}
