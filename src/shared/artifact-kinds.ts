import type { Platform } from './platform-target.ts';

/** The facts about one kind of installer file. */
export interface ArtifactKindFacts {
  /** For each platform: the extensions of published files, and the electron-builder targets that build them. */
  readonly platforms: {
    readonly [P in Platform]?: { readonly files: readonly string[]; readonly builderTargets: readonly string[] };
  };
  /** The extension of a staged file, because some installers check their own. */
  readonly stagedExtension: string;
  /** The content of `resources/package-type` in an installed app. `undefined` if the app can tell without that file. */
  readonly packageType: string | undefined;
  /** Whether the system's package manager installs it as root, which may prompt for a password. */
  readonly installsAsRoot: boolean;
}

const kinds = {
  appimage: {
    platforms: { linux: { files: ['.appimage'], builderTargets: ['appimage'] } },
    stagedExtension: 'AppImage',
    packageType: undefined,
    installsAsRoot: false,
  },
  deb: {
    platforms: { linux: { files: ['.deb'], builderTargets: ['deb'] } },
    stagedExtension: 'deb',
    packageType: 'deb',
    installsAsRoot: true,
  },
  rpm: {
    platforms: { linux: { files: ['.rpm'], builderTargets: ['rpm'] } },
    stagedExtension: 'rpm',
    packageType: 'rpm',
    installsAsRoot: true,
  },
  pacman: {
    platforms: { linux: { files: ['.pacman'], builderTargets: ['pacman'] } },
    stagedExtension: 'pacman',
    packageType: 'pacman',
    installsAsRoot: true,
  },
  nsis: {
    platforms: { win32: { files: ['.exe'], builderTargets: ['nsis'] } },
    stagedExtension: 'exe',
    packageType: undefined,
    installsAsRoot: false,
  },
  'mac-zip': {
    platforms: { darwin: { files: ['.zip'], builderTargets: ['zip'] } },
    stagedExtension: 'zip',
    packageType: undefined,
    installsAsRoot: false,
  },
  portable: {
    platforms: {
      linux: { files: ['.tar.gz', '.tar', '.zip'], builderTargets: ['tar.gz', 'zip', 'dir'] },
      win32: { files: ['.zip'], builderTargets: ['zip', 'dir'] },
    },
    stagedExtension: 'archive',
    packageType: 'portable',
    installsAsRoot: false,
  },
} as const;

/** A kind of installer file. Each has its own install hook. */
export type ArtifactKind = keyof typeof kinds;

/** The kinds that the system's package manager installs. */
export type NativeKind = {
  [Kind in ArtifactKind]: (typeof kinds)[Kind]['installsAsRoot'] extends true ? Kind : never;
}[ArtifactKind];

export const artifactKindFacts: Readonly<Record<ArtifactKind, ArtifactKindFacts>> = kinds;
export const artifactKinds: readonly ArtifactKind[] = Object.keys(kinds) as ArtifactKind[];
export const nativeKinds: readonly NativeKind[] = artifactKinds.filter(
  (kind): kind is NativeKind => kinds[kind].installsAsRoot,
);

/** The electron-builder targets, in lower case, whose files can update on a platform. */
export function builderTargets(platform: Platform): readonly string[] {
  return artifactKinds.flatMap((kind) => artifactKindFacts[kind].platforms[platform]?.builderTargets ?? []);
}

/** The kind that `resources/package-type` names on a platform. */
export function kindOfPackageType(packageType: string | undefined, platform: Platform): ArtifactKind | undefined {
  const text = packageType?.trim();
  if (text === undefined) return undefined;
  return artifactKinds.find((kind) => {
    const facts = artifactKindFacts[kind];
    return facts.packageType === text && facts.platforms[platform] !== undefined;
  });
}

/** The kind of a file by its extension; `undefined` for files that no install hook can install (dmg, snap, msi …). */
export function kindOfFile(file: string, platform: Platform): ArtifactKind | undefined {
  const name = file.toLowerCase();
  return artifactKinds.find((kind) =>
    artifactKindFacts[kind].platforms[platform]?.files.some((extension) => name.endsWith(extension)),
  );
}
