import { type ArtifactKind, kindOfPackageType } from '../../../shared/artifact-kinds.ts';
import type { Explanation } from '../../../shared/explanation.ts';
import type { DisabledReason } from '../../../shared/state.ts';
import type { AppFacts } from '../../ports.ts';
import { isOwnAppImage } from '../location/install-path.ts';
import { shellQuote } from '../support/shell-quote.ts';

/** The kind of this installation, or the reason why no hook fits it. */
export type HookChoice =
  | { readonly kind: ArtifactKind }
  | { readonly kind: undefined; readonly reason: DisabledReason; readonly explanation: Explanation };

/**
 * Chooses the install hook. `packageType` is the content of `resources/package-type`, which electron-builder writes into
 * deb, rpm and pacman packages. Pure.
 */
export function chooseHook(facts: AppFacts, packageType: string | undefined): HookChoice {
  const store = storeOf(facts);
  if (store !== undefined) {
    return none('managed-by-store', { reason: 'managed-by-store', remedy: 'run-command', params: { ...store } });
  }
  if (!facts.isPackaged) {
    const params = { command: 'npx electron-builder' };
    return none('development', { reason: 'development', remedy: 'package-app', params });
  }
  switch (facts.platform) {
    case 'win32':
      return { kind: kindOfPackageType(packageType, 'win32') ?? 'nsis' };
    case 'darwin':
      return { kind: 'mac-zip' };
    case 'linux':
      return chooseOnLinux(facts, packageType);
    default:
      return none('unsupported', unsupported);
  }
}

function chooseOnLinux(facts: AppFacts, packageType: string | undefined): HookChoice {
  if (isOwnAppImage(facts)) return { kind: 'appimage' };
  const kind = kindOfPackageType(packageType, 'linux');
  return kind === undefined ? none('unsupported', unsupported) : { kind };
}

const unsupported: Explanation = { reason: 'unsupported', remedy: 'install-by-hand', params: {} };

interface Store {
  /** Name of the store. */
  readonly store: string;
  /** The command that updates the app, or that opens the store's update page. */
  readonly command: string;
}

function storeOf(facts: AppFacts): Store | undefined {
  const { platform, env, execPath } = facts;
  switch (platform) {
    case 'linux':
      return linuxStoreOf(facts);
    case 'win32': {
      if (!/\\WindowsApps\\/i.test(execPath)) return undefined;
      return { store: 'Microsoft Store', command: 'start ms-windows-store://downloadsandupdates' };
    }
    case 'darwin':
      if (env['APP_SANDBOX_CONTAINER_ID'] === undefined) return undefined;
      return { store: 'App Store', command: 'open macappstore://showUpdatesPage' };
    default:
      return undefined;
  }
}

/** Also compares the path, because programs that a Snap or Flatpak starts inherit its variables. */
function linuxStoreOf({ env, execPath }: AppFacts): Store | undefined {
  const snap = env['SNAP'];
  if (snap !== undefined && snap.length > 1 && execPath.startsWith(`${snap}/`)) {
    // $SNAP is /snap/<name>/<revision>.
    const name = snap.split('/').at(-2) ?? '';
    return { store: 'Snap Store', command: `sudo snap refresh ${shellQuote(name)}` };
  }
  const flatpak = env['FLATPAK_ID'];
  if (flatpak !== undefined && execPath.startsWith('/app/')) {
    return { store: 'Flatpak', command: `flatpak update ${shellQuote(flatpak)}` };
  }
  if (execPath.startsWith('/nix/store/')) return { store: 'Nix', command: 'nix profile upgrade --all' };
  if (execPath.startsWith('/gnu/store/')) return { store: 'Guix', command: 'guix upgrade' };
  return undefined;
}

function none(reason: DisabledReason, explanation: Explanation): HookChoice {
  return { kind: undefined, reason, explanation };
}
