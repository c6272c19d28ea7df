import type { InstallHook } from '../../../ports.ts';
import type { HookContext } from '../index.ts';
import { createPackageHook } from './hook.ts';

/** Debian, Ubuntu and their kin: apt-get, else dpkg. */
export function createDebHook(context: HookContext): InstallHook {
  return createPackageHook(context, { kind: 'deb', goBack: ['apt-get', 'install', '--allow-downgrades'] });
}
