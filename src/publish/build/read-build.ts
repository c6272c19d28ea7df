import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';
import { type ArtifactKind, kindOfFile } from '../../shared/artifact-kinds.ts';
import { assertFileName } from '../../shared/target-path.ts';
import type { BuiltArtifact } from './built-artifact.ts';
import { archesOf } from './arches-of.ts';
import { isAppArchive, splitAtVersion } from './artifact-name.ts';
import { digestFile, type FileDigest } from '../../files/hash-file.ts';
import { onePerTarget } from './one-per-target.ts';
import { type BuildPolicies, policiesOf } from './build-policies.ts';
import { channelsOf, parseUpdateInfo, type BuilderUpdateInfo, updateFileTarget } from './update-info.ts';

/** The files of one version in a directory that electron-builder wrote. */
export interface Build {
  readonly version: string;
  /** ISO 8601. Without a date in the build, the time of its newest file: publishing it again changes nothing. */
  readonly releasedAt: string;
  /** Markdown. */
  readonly notes: string | undefined;
  readonly artifacts: readonly BuiltArtifact[];
  /** Rollout and minimum system version of the build, for a release that no index lists yet. */
  readonly policies: BuildPolicies;
  /** Files of this version that are not published: dmg, snap, msi, sources, symbols … */
  readonly ignored: readonly string[];
}

export interface ReadBuildOptions {
  readonly directory: string;
  /** Selects `<channel>*.yml`, or else `latest*.yml`. */
  readonly channel: string;
  /**
   * Architectures of files whose yml and name do not say them, such as an NSIS installer for several.
   * @defaultValue those of the unpacked app beside the installer, else x64
   */
  readonly arches?: readonly Arch[];
  /** For a directory without a yml: the version and platform of its files. */
  readonly unlisted?: { readonly version: string; readonly platform: Platform };
  /** Bytes hashed so far, and bytes to hash. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Found {
  /** The name in the yml. */
  readonly name: string;
  readonly platform: Platform;
  readonly arch: Arch | undefined;
  readonly expected?: { readonly source: string; readonly sha512: string; readonly size?: number | undefined };
}

type Installable = Found & { readonly kind: ArtifactKind; readonly file: string };

/** Characters. The consistent name adds 65, and file systems allow 255. */
const longestName = 190;

/**
 * Reads `latest*.yml` and hashes the files that it lists. Includes portable archives of the same version, which
 * electron-builder does not list. Ignores everything else in the directory.
 * @throws UpdateError `PUBLISH_INPUT`
 */
export async function readBuild(options: ReadBuildOptions): Promise<Build> {
  const names = await list(options.directory);
  const infos = await readUpdateInfos(options, names);
  const version = infos[0]?.version ?? options.unlisted?.version;
  if (version === undefined) throw nothingFound(options, names);
  const other = infos.find((info) => info.version !== version);
  if (other !== undefined) {
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${infos[0]?.source} is for version ${version}, ${other.source} is for version ${other.version}. Empty the directory and build again.`,
    );
  }
  const archives = unlistedFiles(names, infos, version, options);
  const found = [...infos.flatMap(listedFiles), ...archives.wanted];
  const installable: Installable[] = [];
  for (const one of found) {
    const kind = kindOfFile(one.name, one.platform);
    if (kind !== undefined) installable.push({ ...one, kind, file: await locate(one, names, options) });
  }
  if (installable.length === 0) throw nothingFound(options, names);
  const { artifacts, spare } = onePerTarget(await describeAll(installable, version, names, options));
  return {
    version,
    releasedAt: infos.find((info) => info.releaseDate !== undefined)?.releaseDate ?? (await newest(installable)),
    notes: infos.find((info) => info.notes !== undefined)?.notes,
    artifacts,
    policies: policiesOf(infos),
    ignored: [
      ...found.map((file) => file.name).filter((name) => !installable.some((file) => file.name === name)),
      ...archives.other,
      ...spare.map(({ name }) => name),
    ],
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

/**
 * Finds the portable archives of this version, which electron-builder never lists. Without any yml, also finds its installers.
 * `other` are archives of this version that do not contain the app.
 */
function unlistedFiles(
  names: readonly string[],
  infos: readonly BuilderUpdateInfo[],
  version: string,
  options: ReadBuildOptions,
): { readonly wanted: readonly Found[]; readonly other: readonly string[] } {
  const listed = new Set(infos.flatMap((info) => info.files.map((file) => file.url)));
  const wanted: Found[] = [];
  const other: string[] = [];
  for (const name of names) {
    if (listed.has(name) || splitAtVersion(name, version) === undefined) continue;
    const platform = options.unlisted?.platform ?? platformOfArchive(name, infos);
    const kind = platform && kindOfFile(name, platform);
    if (platform === undefined || kind === undefined) continue;
    const isApp = kind === 'portable' ? isAppArchive(name, version) : infos.length === 0;
    if (isApp) wanted.push({ name, platform, arch: undefined });
    else if (kind === 'portable') other.push(name);
  }
  return { wanted, other };
}

function platformOfArchive(name: string, infos: readonly BuilderUpdateInfo[]): Platform | undefined {
  if (/[-_.](mac|darwin|osx)[-_.]/i.test(name)) return undefined;
  if (/[-_.](win|win32|windows)[-_.]/i.test(name)) return 'win32';
  if (name.endsWith('.tar.gz') || /[-_.]linux[-_.]/i.test(name)) return 'linux';
  const built = new Set(infos.map((info) => info.platform));
  built.delete('darwin');
  return built.size === 1 ? [...built][0] : undefined;
}

/** For GitHub, electron-builder lists a name without spaces for a file that it wrote as `Notes Setup 1.0.0.exe`. */
async function locate(
  { name, platform, expected }: Found,
  names: readonly string[],
  { directory }: ReadBuildOptions,
): Promise<string> {
  const file = join(directory, name);
  if (names.includes(name) || expected?.size === undefined) return file;
  const kind = kindOfFile(name, platform);
  for (const other of names.filter((one) => one.includes(' ') && kindOfFile(one, platform) === kind)) {
    const path = join(directory, other);
    if ((await factsOf(path)).size === expected.size) return path;
  }
  return file;
}

async function describeAll(
  files: readonly Installable[],
  version: string,
  names: readonly string[],
  options: ReadBuildOptions,
): Promise<readonly BuiltArtifact[]> {
  const planned = files.map((found) => {
    const name = found.name.replaceAll(' ', '-');
    assertPublishable(name);
    const { platform, arch: listedAs } = found;
    const arches = archesOf({ name: found.name, version, platform, listedAs, given: options.arches, names });
    return { found, name, arches };
  });
  const sizes = await Promise.all(files.map(async ({ file }) => (await factsOf(file)).size));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let done = 0;
  const artifacts: BuiltArtifact[] = [];
  for (const { found, name, arches } of planned) {
    const { file, kind, platform } = found;
    const digest = await digestFile(file, (count) => options.onProgress?.((done += count), total));
    assertAsListed(found, digest);
    artifacts.push({ name, file, kind, platform, arches, digest });
  }
  return artifacts;
}

async function newest(files: readonly Installable[]): Promise<string> {
  const times = await Promise.all(files.map(async ({ file }) => (await factsOf(file)).mtimeMs));
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

function nothingFound({ directory, channel }: ReadBuildOptions, names: readonly string[]): UpdateError {
  const others = channelsOf(names).filter((name) => name !== channel && name !== 'latest');
  if (others.length > 0) {
    return new UpdateError(
      'PUBLISH_INPUT',
      `${directory} holds nothing for the channel ${channel}, and update files of ${others.join(', ')}. Publish those with ${others.map((name) => `--channel ${name}`).join(' or ')}.`,
    );
  }
  return new UpdateError(
    'PUBLISH_INPUT',
    `${directory} holds nothing to publish: it has no ${channel}*.yml or latest*.yml that lists an installable file. Give the directory that electron-builder wrote (its configuration needs a "publish" entry), or give --version and --platform for files without a yml.`,
  );
}
