import semver from 'semver';
import * as v from 'valibot';
import { parse } from 'yaml';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';

/** The content of a `latest*.yml` by electron-builder: the files of one version for one platform. */
export interface BuilderUpdateInfo {
  /** The yml's file name, for messages. */
  readonly source: string;
  readonly platform: Platform;
  /** The architecture in the yml's name; `undefined` on Windows and macOS. */
  readonly arch: Arch | undefined;
  readonly version: string;
  readonly files: readonly {
    readonly url: string;
    /** Base64. */
    readonly sha512: string;
    /** Bytes. */
    readonly size?: number | undefined;
  }[];
  /** Share of installations in basis points, if the build names one. */
  readonly rollout: number | undefined;
  /** The version that apps compare. On macOS it is the version of the system, not of its kernel. */
  readonly minimumSystemVersion: string | undefined;
  /** ISO 8601. */
  readonly releaseDate: string | undefined;
  /** Markdown. */
  readonly notes: string | undefined;
}

const linuxArchSuffixes: Readonly<Record<string, Arch>> = {
  '': 'x64',
  '-arm64': 'arm64',
  '-arm': 'armv7l',
  '-ia32': 'ia32',
};

const schema = v.object({
  version: v.pipe(
    v.unknown(),
    v.check((value) => typeof value === 'string' && semver.valid(value) === value, isNoVersion),
    v.transform(String),
  ),
  packages: v.nullish(v.unknown()),
  stagingPercentage: v.nullish(
    v.pipe(v.number('is not a number'), v.minValue(0, 'is not 0 to 100'), v.maxValue(100, 'is not 0 to 100')),
  ),
  minimumSystemVersion: v.nullish(
    v.pipe(
      v.union([v.string(), v.number()]),
      v.transform(String),
      v.regex(/^\d+(\.\d+){0,3}$/, 'is not a version such as 10.0.19041'),
    ),
  ),
  files: v.pipe(
    v.array(
      v.object({
        url: v.string(),
        sha512: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{86}==$/, 'is not a SHA-512 in base64')),
        size: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
      }),
    ),
    v.minLength(1),
  ),
  releaseDate: v.nullish(
    v.pipe(
      v.string('is not a point in time'),
      v.transform((text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00.000Z` : text)),
      v.isoTimestamp('is not a point in time such as 2026-11-22T10:00:00.000Z'),
    ),
  ),
  releaseNotes: v.nullish(
    v.union([v.string(), v.array(v.object({ version: v.string(), note: v.nullish(v.string()) }))]),
  ),
});

function isNoVersion({ input }: { readonly input: unknown }): string {
  return `${JSON.stringify(input)} is not a semantic version such as 1.4.0; correct "version" in package.json`;
}

/** Reads platform and architecture from the name of a yml. Returns `undefined` for a file that is not of this channel. */
export function updateFileTarget(
  name: string,
  channel: string,
): { readonly platform: Platform; readonly arch: Arch | undefined } | undefined {
  if (!name.startsWith(channel) || !name.endsWith('.yml')) return undefined;
  const suffix = name.slice(channel.length, -'.yml'.length);
  if (suffix === '') return { platform: 'win32', arch: undefined };
  if (suffix === '-mac') return { platform: 'darwin', arch: undefined };
  const arch = suffix.startsWith('-linux') ? linuxArchSuffixes[suffix.slice('-linux'.length)] : undefined;
  return arch === undefined ? undefined : { platform: 'linux', arch };
}

/** Returns the channels of the update files in a directory. */
export function channelsOf(names: readonly string[]): readonly string[] {
  const found = names.flatMap((name) => {
    const [, channel] = /^([a-z0-9][a-z0-9-]*?)(?:-mac|-linux(?:-arm64|-arm|-ia32)?)?\.yml$/.exec(name) ?? [];
    return channel === undefined || channel.startsWith('builder-') ? [] : [channel];
  });
  return [...new Set(found)];
}

/** @throws UpdateError `PUBLISH_INPUT`, which names the invalid field */
export function parseUpdateInfo(
  source: string,
  text: string,
  target: Pick<BuilderUpdateInfo, 'platform' | 'arch'>,
): BuilderUpdateInfo {
  const parsed = v.safeParse(schema, parseYaml(source, text));
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new UpdateError(
      'PUBLISH_INPUT',
      `${source} is not valid at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. Then build again.`,
    );
  }
  const { version, files, packages, stagingPercentage, minimumSystemVersion, releaseDate, releaseNotes } =
    parsed.output;
  if (packages !== null && packages !== undefined) throw isWebInstaller(source);
  return {
    source,
    ...target,
    version,
    files,
    rollout: typeof stagingPercentage === 'number' ? Math.round(stagingPercentage * 100) : undefined,
    minimumSystemVersion:
      target.platform === 'darwin' ? macOsVersion(source, minimumSystemVersion) : (minimumSystemVersion ?? undefined),
    releaseDate: releaseDate ?? undefined,
    notes: Array.isArray(releaseNotes)
      ? (releaseNotes.find((entry) => entry.version === version)?.note ?? undefined)
      : (releaseNotes ?? undefined),
  };
}

/** A web installer downloads files that neither TUF metadata nor publisher signatures cover. */
function isWebInstaller(source: string): UpdateError {
  return new UpdateError(
    'PUBLISH_INPUT',
    `${source} describes a web installer (electron-builder's target nsis-web), which downloads the app without any of your signatures. Build the target nsis instead.`,
  );
}

/**
 * electron-updater compares the version of the kernel (Darwin 23.1.0). Apps compare the version of macOS (14.1).
 * @throws UpdateError `PUBLISH_INPUT` if the text may be either
 */
function macOsVersion(source: string, text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const [major = 0, minor = 0] = text.split('.').map(Number);
  if (major === 10) return text;
  if (major >= firstDarwin) {
    if (major < 20) return `10.${major - 4}`;
    return `${major < 25 ? major - 9 : major + 1}.${minor}`;
  }
  throw new UpdateError(
    'PUBLISH_INPUT',
    `minimumSystemVersion in ${source} is ${text}, which may be a version of macOS or of its kernel. Remove it there, and say --minimum-system-version with the version of macOS.`,
  );
}

/** The kernel of macOS 10.13, the oldest system on which any supported Electron runs. */
const firstDarwin = 17;

function parseYaml(source: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UpdateError('PUBLISH_INPUT', `${source} is not YAML: ${textOf(error)}. Build again.`, { cause: error });
  }
}
