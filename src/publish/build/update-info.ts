import semver from 'semver';
import * as v from 'valibot';
import { parse } from 'yaml';

import { textOf, UpdateError } from '../../shared/errors.ts';
import type { Arch, Platform } from '../../shared/platform-target.ts';

/** What electron-builder writes as `latest*.yml`: the files of one version for one platform. */
export interface BuilderUpdateInfo {
  /** The yml's own name, for messages. */
  readonly source: string;
  readonly platform: Platform;
  /** What the yml's name says of the architecture; `undefined` on Windows and macOS. */
  readonly arch: Arch | undefined;
  readonly version: string;
  readonly files: readonly {
    readonly url: string;
    /** Base64. */
    readonly sha512: string;
    /** Bytes. */
    readonly size?: number | undefined;
  }[];
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
    v.string(),
    v.check((text) => semver.valid(text) === text, 'is not a semantic version such as 1.4.0'),
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
  releaseDate: v.nullish(v.pipe(v.string(), v.isoTimestamp('is not a point in time'))),
  releaseNotes: v.nullish(
    v.union([v.string(), v.array(v.object({ version: v.string(), note: v.nullish(v.string()) }))]),
  ),
});

/** What the name of a yml says of its platform, or `undefined` when it is no update file of this channel. */
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

/** @throws UpdateError `PUBLISH_INPUT` with the field at fault */
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
      `${source} is not valid at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. Build again.`,
    );
  }
  const { version, files, releaseDate, releaseNotes } = parsed.output;
  return {
    source,
    ...target,
    version,
    files,
    releaseDate: releaseDate ?? undefined,
    notes: Array.isArray(releaseNotes)
      ? (releaseNotes.find((entry) => entry.version === version)?.note ?? undefined)
      : (releaseNotes ?? undefined),
  };
}

function parseYaml(source: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UpdateError('PUBLISH_INPUT', `${source} is not YAML: ${textOf(error)}. Build again.`, { cause: error });
  }
}
