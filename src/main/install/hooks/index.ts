import type { ArtifactKind } from '../../../shared/release-index.ts';
import type { AppFacts, Clock, InstallHook, Logger, Spawn, SquirrelMac } from '../../ports.ts';
import { createAppImageHook } from './appimage.ts';
import { createDebHook } from './native-package/deb.ts';
import { createNsisHook } from './nsis/hook.ts';
import { createPacmanHook } from './native-package/pacman.ts';
import { createPortableHook } from './portable.ts';
import { createRpmHook } from './native-package/rpm.ts';
import { createSquirrelMacHook } from './squirrel-mac/hook.ts';

/** What an install hook works with. */
export interface HookContext {
  readonly facts: AppFacts;
  /** The private directory of this installation's updates. */
  readonly directory: string;
  readonly spawn: Spawn;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Electron's own updater on macOS; `undefined` elsewhere and in plain Node. */
  readonly squirrel: SquirrelMac | undefined;
  /** Who must have signed a Windows installer (Authenticode); none: nobody is asked. */
  readonly windowsPublishers: readonly string[];
}

type CreateHook = (context: HookContext) => InstallHook;

/** One file per hook. */
export const hooks: Readonly<Record<ArtifactKind, CreateHook>> = {
  appimage: ({ facts }) => createAppImageHook(facts),
  deb: createDebHook,
  rpm: createRpmHook,
  pacman: createPacmanHook,
  nsis: createNsisHook,
  'mac-zip': createSquirrelMacHook,
  portable: createPortableHook,
};
