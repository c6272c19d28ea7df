import type { InstallHook } from '../../../ports.ts';
import type { HookContext } from '../index.ts';
import { createPackageHook } from './hook.ts';

/** Fedora, openSUSE and their kin: zypper, dnf, yum, else rpm. */
export function createRpmHook(context: HookContext): InstallHook {
  return createPackageHook(context, { kind: 'rpm', goBack: ['rpm', '-U', '--oldpackage'] });
}
