import type { InstallHook } from '../../../ports.ts';
import type { HookContext } from '../index.ts';
import { createPackageHook } from './hook.ts';

/** Arch Linux and its kin. */
export function createPacmanHook(context: HookContext): InstallHook {
  return createPackageHook(context, { kind: 'pacman', goBack: ['pacman', '-U'] });
}
