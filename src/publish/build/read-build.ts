import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';
import { type ArtifactKind, kindOfFile } from '../../shared/artifact-kinds.ts';
import { assertFileName } from '../../shared/target-path.ts';
import { archOf, namesVersion } from './artifact-name.ts';
import { digestFile, type FileDigest } from '../../files/hash-file.ts';
import { parseUpdateInfo, type BuilderUpdateInfo, updateFileTarget } from './update-info.ts';

/** One installer file that will be published. */
export interface BuiltArtifact {
  readonly name: string;
  /** Path on this machine. */
  readonly file: string;
  readonly kind: ArtifactKind;
  readonly platform: Platform;
  readonly arches: readonly Arch[];
  readonly digest: FileDigest;
}

/** What a directory that electron-builder wrote holds of one version. */
export interface Build {
  readonly version: string;
  /** ISO 8601. Where the build does not say, the time of its newest file: publishing again changes nothing. */
  readonly releasedAt: string;
  /** Markdown. */
  readonly notes: string | undefined;
  readonly artifacts: readonly BuiltArtifact[];
  /** Listed files that no install hook takes: dmg, snap, msi … */
  readonly ignored: readonly string[];
}

export interface ReadBuildOptions {
  readonly directory: string;
  /** `<channel>*.yml` is read, else `latest*.yml`. */
  readonly channel: string;
  /** Architectures of files whose names name none, such as an NSIS installer for several. @defaultValue x64 */
  readonly arches?: readonly Arch[];
  /** For a directory without yml: the version and platform of the files in it. */
  readonly unlisted?: { readonly version: string; readonly platform: Platform };
  /** Bytes hashed so far, and bytes to hash. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Found {
  readonly name: string;
  readonly platform: Platform;
  readonly arch: Arch | undefined;
  readonly expected?: { readonly source: string; readonly sha512: string; readonly size?: number | undefined };
}

type Installable = Found & { readonly kind: ArtifactKind };

/** The consistent name adds 65 characters, and file systems take 255. */
const longestName = 190;

/**
 * Reads `latest*.yml` and hashes the files it lists, and portable archives of the same version beside them, which
 * electron-builder does not list. Everything else in the directory is left alone.
 * @throws UpdateError `PUBLISH_INPUT`
 */
export async function readBuild(options: ReadBuildOptions): Promise<Build> {
  const names = await list(options.directory);
  const infos = await readUpdateInfos(options, names);
  const version = infos[0]?.version ?? options.unlisted?.version;
  if (version === undefined) throw nothingFound(options);
  const other = infos.find((info) => info.version !== version);
  if (other !== undefined) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${infos[0]?.source} is of version ${version}, ${other.source} of ${other.version}. Empty the directory and build again.`,
    );
  }
  const found = [...infos.flatMap(listedFiles), ...unlistedFiles(names, infos, version, options)];
  const installable = found.flatMap((file) => {
    const kind = kindOfFile(file.name, file.platform);
    return kind === undefined ? [] : [{ ...file, kind }];
  });
  if (installable.length === 0) throw nothingFound(options);
  return {
    version,
    releasedAt:
      infos.find((info) => info.releaseDate !== undefined)?.releaseDate ?? (await newest(installable, options)),
    notes: infos.find((info) => info.notes !== undefined)?.notes,
    artifacts: await describeAll(installable, options),
    ignored: found.map((file) => file.name).filter((name) => !installable.some((file) => file.name === name)),
  };
}

async function readUpdateInfos(
  options: ReadBuildOptions,
  names: readonly string[],
): Promise<readonly BuilderUpdateInfo[]> {
  for (const channel of [options.channel, 'latest']) {
    const infos: BuilderUpdateInfo[] = [];
    for (const name of names) {
      const target = updateFileTarget(name, channel);
      if (target === undefined) continue;
      infos.push(parseUpdateInfo(name, await readFile(join(options.directory, name), 'utf8'), target));
    }
    if (infos.length > 0) return infos;
  }
  return [];
}

function listedFiles(info: BuilderUpdateInfo): readonly Found[] {
  return info.files.map(({ url, sha512, size }) => ({
    name: url,
    platform: info.platform,
    arch: info.arch,
    expected: { source: info.source, sha512, size },
  }));
}

/** Portable archives of this version, which electron-builder never lists; without any yml, all installers of it. */
function unlistedFiles(
  names: readonly string[],
  infos: readonly BuilderUpdateInfo[],
  version: string,
  options: ReadBuildOptions,
): readonly Found[] {
  const listed = new Set(infos.flatMap((info) => info.files.map((file) => file.url)));
  return names.flatMap((name) => {
    if (listed.has(name) || !namesVersion(name, version)) return [];
    const platform = options.unlisted?.platform ?? platformOfArchive(name, infos);
    const kind = platform && kindOfFile(name, platform);
    const isWanted = kind === 'portable' || (kind !== undefined && infos.length === 0);
    return platform !== undefined && isWanted ? { name, platform, arch: undefined } : [];
  });
}

function platformOfArchive(name: string, infos: readonly BuilderUpdateInfo[]): Platform | undefined {
  if (/[-_.](mac|darwin|osx)[-_.]/i.test(name)) return undefined;
  if (/[-_.](win|win32|windows)[-_.]/i.test(name)) return 'win32';
  if (name.endsWith('.tar.gz') || /[-_.]linux[-_.]/i.test(name)) return 'linux';
  const built = new Set(infos.map((info) => info.platform));
  built.delete('darwin');
  return built.size === 1 ? [...built][0] : undefined;
}

async function describeAll(
  files: readonly Installable[],
  options: ReadBuildOptions,
): Promise<readonly BuiltArtifact[]> {
  for (const { name } of files) assertPublishable(name);
  const sizes = await Promise.all(files.map(async ({ name }) => (await factsOf(join(options.directory, name))).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  const artifacts: BuiltArtifact[] = [];
  for (const found of files) {
    const file = join(options.directory, found.name);
    const digest = await digestFile(file, (count) => options.onProgress?.((done += count), total));
    assertAsListed(found, digest);
    const arch = archOf(found.name);
    const arches = arch === undefined ? (options.arches ?? [found.arch ?? 'x64']) : [arch];
    artifacts.push({ name: found.name, file, kind: found.kind, platform: found.platform, arches, digest });
  }
  return artifacts;
}

async function newest(files: readonly Found[], { directory }: ReadBuildOptions): Promise<string> {
  const times = await Promise.all(files.map(async ({ name }) => (await factsOf(join(directory, name))).mtimeMs));
  return new Date(Math.max(...times)).toISOString();
}

async function factsOf(file: string): Promise<Stats> {
  try {
    return await stat(file);
  } catch (error) {
    throw new UpdateError('PUBLISH_INPUT', `${file} is listed, but cannot be read: ${textOf(error)}. Build again.`, {
      cause: error,
    });
  }
}

function assertAsListed({ name, expected }: Found, digest: FileDigest): void {
  if (digest.length === 0) throw new UpdateError('PUBLISH_INPUT', `${name} is empty. Build again.`);
  if (expected === undefined) return;
  const sha512 = Buffer.from(digest.sha512, 'hex').toString('base64');
  if (sha512 === expected.sha512 && (expected.size ?? digest.length) === digest.length) return;
  throw new UpdateError(
    'PUBLISH_INPUT',
    `${name} is not the file that ${expected.source} describes: it was changed after the build. Build again.`,
  );
}

function assertPublishable(name: string): void {
  const hint = 'Set artifactName in electron-builder\'s configuration, e.g. "${name}-${version}-${arch}.${ext}".';
  if (name.length > longestName) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `The file name ${name.slice(0, 40)}… has more than ${longestName} characters. ${hint}`,
    );
  }
  try {
    assertFileName(name);
  } catch (error) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `The file name ${JSON.stringify(name)} cannot be published: use letters, digits, ".", "_" and "-" only. ${hint}`,
      {
        cause: error,
      },
    );
  }
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    if (!(await stat(directory)).isDirectory()) throw new Error('it is not a directory');
    return (await readdir(directory)).toSorted();
  } catch (error) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${directory} cannot be read: ${textOf(error)}. Give the directory that electron-builder wrote.`,
      {
        cause: error,
      },
    );
  }
}

function nothingFound({ directory, channel }: ReadBuildOptions): UpdateError {
  return new UpdateError(
    'PUBLISH_INPUT',
    `${directory} holds nothing to publish: no ${channel}*.yml or latest*.yml with a file that can be installed. Give the directory that electron-builder wrote (its configuration needs a "publish" entry), or --version and --platform for files without a yml.`,
  );
}
