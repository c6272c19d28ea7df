import type { ArtifactKind } from '../../../shared/artifact-kinds.ts';
import type { InstallHook } from '../../ports.ts';
import type { HookContext } from '../hook-context.ts';
import { createAppImageHook } from './appimage.ts';
import { createNsisHook } from './nsis/hook.ts';
import { createNativePackageHook } from './native-package/hook.ts';
import { nativePackageKinds } from './native-package/kinds.ts';
import { createPortableHook } from './portable.ts';
import { createSquirrelMacHook } from './squirrel-mac/hook.ts';

type CreateHook = (context: HookContext) => InstallHook;

/** The install hook of each artifact kind. One file or folder per hook. */
export const hooks: Readonly<Record<ArtifactKind, CreateHook>> = {
  appimage: ({ facts }) => createAppImageHook(facts),
  deb: (context) => createNativePackageHook(context, nativePackageKinds.deb),
  rpm: (context) => createNativePackageHook(context, nativePackageKinds.rpm),
  pacman: (context) => createNativePackageHook(context, nativePackageKinds.pacman),
  nsis: createNsisHook,
  'mac-zip': createSquirrelMacHook,
  portable: createPortableHook,
};
