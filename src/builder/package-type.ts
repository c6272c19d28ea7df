import { join } from 'node:path';

import { writeAtomic } from '../files/write-atomic.ts';
import { artifactKindFacts, nativeKinds } from '../shared/artifact-kinds.ts';

/**
 * Records how the app was packaged in `resources/package-type`, the file that electron-builder uses for this. For deb,
 * rpm and pacman packages electron-builder later overwrites the file itself. It does not know portable archives.
 */
export async function writePackageType(resources: string, platform: string, targets: readonly string[]): Promise<void> {
  const type = packageTypeOf(platform, targets);
  if (type !== undefined) await writeAtomic(join(resources, 'package-type'), type, { mode: 0o644 });
}

/** All targets of a build share one directory, so the result must hold for all of them. Pure. */
export function packageTypeOf(platform: string, targets: readonly string[]): string | undefined {
  if (platform === 'darwin') return undefined;
  // electron-builder does not report `dir` as a target. A build without targets is an unpacked directory.
  if (targets.length === 0) return 'portable';
  // An AppImage recognises itself by $APPIMAGE.
  const others = targets.filter((target) => target !== 'appimage' && target !== 'AppImage');
  if (others.length > 0 && others.every((target) => isArchive(target))) return 'portable';
  return others.length === 1 ? nativeKinds.find((name) => name === others[0]) : undefined;
}

function isArchive(target: string): boolean {
  return Object.values(artifactKindFacts.portable.platforms).some(({ builderTargets }) =>
    builderTargets.includes(target),
  );
}
