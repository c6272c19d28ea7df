import { UpdateError } from '../../shared/errors.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';
import { archIn, splitAtVersion } from './artifact-name.ts';

/** The evidence of which architectures a file of a build is for. */
export interface ArchEvidence {
  readonly name: string;
  readonly version: string;
  readonly platform: Platform;
  /** The architecture in the name of its yml. Only ymls for Linux name one. */
  readonly listedAs: Arch | undefined;
  /** `--arch`. */
  readonly given: readonly Arch[] | undefined;
  /** All names in the directory. electron-builder leaves each unpacked app beside the installers. */
  readonly names: readonly string[];
}

/**
 * Returns the architectures of a file. The yml decides first, then the file name after the version, then `--arch`. A word
 * before the version may belong to the product name (`qemu-arm64-studio-1.0.0.AppImage`). Pure.
 * @throws UpdateError `PUBLISH_INPUT` if the build contradicts itself or does not say
 */
export function archesOf(evidence: ArchEvidence): readonly Arch[] {
  const { name, version, listedAs, given } = evidence;
  const parts = splitAtVersion(name, version);
  const named = archIn(parts?.after ?? name);
  if (listedAs !== undefined) {
    if (parts === undefined || named === undefined || named === listedAs) return [listedAs];
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${name} names ${named}, and its yml is the one for ${listedAs}. Empty the directory and build again.`,
    );
  }
  if (named !== undefined) return [named];
  if (given !== undefined) return given;
  const unpacked = unpackedArches(evidence);
  const before = archIn(`${parts?.before ?? ''}.`);
  if (before !== undefined && (unpacked.length === 0 || unpacked.includes(before))) return [before];
  if (unpacked.length <= 1) return [unpacked[0] ?? 'x64'];
  throw new UpdateError(
    'PUBLISH_INPUT',
    `The directory has ${unpacked.join(' and ')} builds, and ${name} does not say which of them it installs. Say so with --arch, e.g. --arch ${unpacked.join(',')}.`,
    { details: { name, arches: unpacked.join(',') } },
  );
}

/** `win-unpacked` is for x64. `win-arm64-unpacked` names its architecture. */
function unpackedArches({ platform, names }: ArchEvidence): readonly Arch[] {
  if (platform !== 'win32') return [];
  return names.flatMap((name) => {
    const [, arch] = /^win(?:-(\w+))?-unpacked$/.exec(name) ?? [];
    if (name === 'win-unpacked') return ['x64' as const];
    return arch === undefined ? [] : (archIn(`${arch}.`) ?? []);
  });
}
