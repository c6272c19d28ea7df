import semver from 'semver';
import * as v from 'valibot';

import { type ArtifactKind, artifactKinds } from './artifact-kinds.ts';
import { UpdateError } from './errors.ts';
import { type Arch, arches, type Platform, platforms } from './platform-target.ts';
import { type PublisherKeySet, publisherKeySetSchema } from './publisher-keys.ts';
import { assertTargetPath } from './target-path.ts';

/** The DSSE payload type of a release index. */
export const releaseIndexPayloadType = 'application/vnd.electron-tuf.release-index+json';

/** The largest release index a client reads, in bytes. */
export const maxReleaseIndexBytes: number = 1024 * 1024;

/** The largest number of releases in one index. */
export const maxReleases = 20;

/** A file that TUF metadata lists, too. Both must agree on length and hash. */
export interface SignedFile {
  /** Target path. */
  readonly path: string;
  /** Bytes. */
  readonly length: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface Artifact extends SignedFile {
  readonly kind: ArtifactKind;
  readonly arches: readonly Arch[];
  /** The artifact's chunk index. */
  readonly chunks?: SignedFile;
  /** Target path of the compressed chunks. */
  readonly pack?: string;
  readonly patches?: readonly Patch[];
}

export interface Patch extends SignedFile {
  /** The version whose artifact the patch applies to. */
  readonly from: string;
}

/** A gradual rollout in basis points (of 10,000): `basisPoints` at `startsAt`, growing linearly to all at `completeAt`. */
interface Rollout {
  readonly basisPoints: number;
  /** ISO 8601. */
  readonly startsAt?: string;
  /** ISO 8601. */
  readonly completeAt?: string;
}

/** A version of a channel, with its policy. */
export interface Release {
  readonly version: string;
  /** ISO 8601. */
  readonly releasedAt: string;
  /** Markdown by language tag. Show it as inert text only. */
  readonly notes: Readonly<Record<string, string>>;
  /** Whether the app's policy may skip consent and quiet hours. */
  readonly critical: boolean;
  /** Compared numerically with the version of the operating system. */
  readonly minimumSystemVersion?: string;
  /** Installed versions that can update directly to this release. @defaultValue all */
  readonly requires?: string;
  /** NEWER installed versions that this release may replace: a signed rollback. */
  readonly replaces?: string;
  /** The version of the app's data format. Automatic rollback happens only between equal versions. */
  readonly dataVersion?: number;
  readonly rollout?: Rollout;
  readonly withdrawn: boolean;
  readonly artifacts: readonly Artifact[];
}

/** The signed list of a channel's releases for one platform target, schema 1. */
export interface ReleaseIndex {
  readonly schema: 1;
  /** Always increases. Clients refuse a lower revision. */
  readonly revision: number;
  /**
   * SHA-256 of the previous index's payload, lower-case hex; absent in the first index. Publishers use it to find concurrent
   * registrations. Clients do not read it.
   */
  readonly previous?: string;
  readonly app: string;
  readonly channel: string;
  readonly platform: Platform;
  readonly arch: Arch;
  /** A newer set of publisher keys, adopted when a threshold of the old set signed this index. */
  readonly publisher?: PublisherKeySet;
  /**
   * Older sets that also sign until the hand-over ends, so that builds which embed one of them can follow. Only publishers read
   * it.
   */
  readonly formerPublishers?: readonly PublisherKeySet[];
  /** Newest first. */
  readonly releases: readonly Release[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const version = v.pipe(
  v.string(),
  v.maxLength(64),
  v.check((text) => semver.valid(text) === text, 'not a semantic version'),
);
const range = v.pipe(
  v.string(),
  v.maxLength(256),
  v.check((text) => semver.validRange(text) !== null, 'not a semver range'),
);
const instant = v.pipe(v.string(), v.isoTimestamp());
const targetPath = v.pipe(
  v.string(),
  v.check((text) => isTargetPath(text), 'not a target path'),
);
const signedFile = { path: targetPath, length: count, sha256 };
const languageTag = v.pipe(v.string(), v.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/));

const artifactSchema = v.object({
  ...signedFile,
  kind: v.picklist(artifactKinds),
  arches: v.pipe(v.array(v.picklist(arches)), v.minLength(1)),
  chunks: v.exactOptional(v.object(signedFile)),
  pack: v.exactOptional(targetPath),
  patches: v.exactOptional(v.pipe(v.array(v.object({ from: version, ...signedFile })), v.maxLength(16))),
});

const releaseSchema = v.object({
  version,
  releasedAt: instant,
  notes: v.optional(v.record(languageTag, v.string()), {}),
  critical: v.optional(v.boolean(), false),
  minimumSystemVersion: v.exactOptional(v.pipe(v.string(), v.regex(/^\d+(\.\d+){0,3}$/))),
  requires: v.exactOptional(range),
  replaces: v.exactOptional(range),
  dataVersion: v.exactOptional(count),
  rollout: v.exactOptional(
    v.object({
      basisPoints: v.pipe(count, v.maxValue(10_000)),
      startsAt: v.exactOptional(instant),
      completeAt: v.exactOptional(instant),
    }),
  ),
  withdrawn: v.optional(v.boolean(), false),
  artifacts: v.pipe(v.array(artifactSchema), v.minLength(1), v.maxLength(32)),
});

const releaseIndexSchema: v.GenericSchema<unknown, ReleaseIndex> = v.object({
  schema: v.literal(1),
  revision: v.pipe(count, v.minValue(1)),
  previous: v.exactOptional(sha256),
  app: v.string(),
  channel: v.string(),
  platform: v.picklist(platforms),
  arch: v.picklist(arches),
  publisher: v.exactOptional(publisherKeySetSchema),
  formerPublishers: v.exactOptional(v.pipe(v.array(publisherKeySetSchema), v.maxLength(16))),
  releases: v.pipe(v.array(releaseSchema), v.maxLength(maxReleases)),
});

/**
 * Parses the JSON payload of a release index (schema 1). Ignores unknown fields.
 * @throws UpdateError `TRUST_INDEX_SCHEMA` if a newer app is needed, `TRUST_INDEX_INVALID` naming the invalid field
 */
export function parseReleaseIndex(value: unknown): ReleaseIndex {
  if (isRecord(value) && value['schema'] !== 1) {
    throw new UpdateError(
      'TRUST_INDEX_SCHEMA',
      `The release index has schema ${JSON.stringify(value['schema'])}; this app understands schema 1. Install a newer version of the app by hand.`,
    );
  }
  const parsed = v.safeParse(releaseIndexSchema, value, { abortEarly: true });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new UpdateError(
      'TRUST_INDEX_INVALID',
      `The release index is not valid at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}. The publisher must publish it again.`,
    );
  }
  return parsed.output;
}

/**
 * The artifact of a kind for `arch`: the architecture's own, or else a universal one. Choosing, verifying and revalidating a
 * release all use this function.
 */
export function findArtifact(release: Release, kind: ArtifactKind, arch: Arch): Artifact | undefined {
  const ofKind = release.artifacts.filter((artifact) => artifact.kind === kind);
  return (
    ofKind.find((artifact) => artifact.arches.includes(arch)) ??
    ofKind.find((artifact) => artifact.arches.includes('universal'))
  );
}

function isTargetPath(text: string): boolean {
  try {
    assertTargetPath(text);
    return true;
  } catch (error) {
    if (error instanceof UpdateError) return false;
    throw error;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
