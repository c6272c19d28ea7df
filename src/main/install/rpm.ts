import type { InstallHook } from '../ports.ts';
import type { HookContext } from './hook.ts';
import { createPackageHook } from './package/package-hook.ts';

/** Fedora, openSUSE and their kin: zypper, dnf, yum, else rpm. */
export function createRpmHook(context: HookContext): InstallHook {
  return createPackageHook(context, { kind: 'rpm', goBack: ['rpm', '-U', '--oldpackage'] });
}
