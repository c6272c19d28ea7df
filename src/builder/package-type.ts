import { join } from 'node:path';

import { writeAtomic } from '../files/write-atomic.ts';
import { artifactKindFacts, nativeKinds } from '../shared/artifact-kinds.ts';

/**
 * Tells the app how it was packaged, in the file that electron-builder uses for it (`resources/package-type`). It
 * writes that file itself while it makes a deb, rpm or pacman package, and overwrites what is written here; it knows
 * nothing of portable archives.
 */
export async function writePackageType(resources: string, platform: string, targets: readonly string[]): Promise<void> {
  const type = packageTypeOf(platform, targets);
  if (type !== undefined) await writeAtomic(join(resources, 'package-type'), type, { mode: 0o644 });
}

/** All targets of a build share one directory, so only what holds for all of them can be said. Pure. */
export function packageTypeOf(platform: string, targets: readonly string[]): string | undefined {
  if (platform === 'darwin') return undefined;
  // electron-builder makes no target of `dir`: a build without any is an unpacked directory.
  if (targets.length === 0) return 'portable';
  // An AppImage knows itself by $APPIMAGE.
  const others = targets.filter((target) => target !== 'appimage' && target !== 'AppImage');
  if (others.length > 0 && others.every((target) => isArchive(target))) return 'portable';
  return others.length === 1 ? nativeKinds.find((name) => name === others[0]) : undefined;
}

function isArchive(target: string): boolean {
  return Object.values(artifactKindFacts.portable.platforms).some(({ builderTargets }) =>
    builderTargets.includes(target),
  );
}
