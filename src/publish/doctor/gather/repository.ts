import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';

import { omitUndefined } from '../../../shared/omit-undefined.ts';
import { type Client, createClient } from '../../../main/client.ts';
import { createNodeHttpClient } from '../../../main/http/node-client.ts';
import type { HttpClient, ReleaseQuery } from '../../../main/ports.ts';
import { parseChunkIndex } from '../../../shared/chunks/chunk-index.ts';
import { toUpdateError } from '../../../shared/errors.ts';
import { arches, formatPlatformTarget, platforms } from '../../../shared/platform-target.ts';
import type { Artifact } from '../../../shared/release-index.ts';
import type { TrustedTarget } from '../../../shared/trusted-target.ts';
import type { UpdateConfig } from '../../../shared/update-config.ts';
import { trustIn } from '../../init/update-files.ts';
import { recordingHttp } from '../../client/recording-http.ts';
import type { AnswerFacts, ContentFacts } from '../checks/content.ts';
import type { MetadataFacts, RoleFacts } from '../checks/metadata.ts';
import type { ArtifactFacts, PlatformRelease } from '../checks/release.ts';

export interface RepositoryOptions {
  readonly config: UpdateConfig;
  /** The bytes of `root.json`. */
  readonly root: Uint8Array;
  /** The bytes of `trusted_root.json`. @defaultValue no Sigstore identity counts */
  readonly trustedRoot?: Uint8Array;
  readonly channel: string;
  readonly signal?: AbortSignal;
}

export interface RepositoryFacts {
  readonly metadata: MetadataFacts;
  /** One for each platform target that has an index, also if the index cannot be verified. */
  readonly releases: readonly PlatformRelease[];
  readonly content: ContentFacts;
}

/** The largest chunk index: a million chunks. */
const maxChunkIndexBytes = 48 * 1024 * 1024;

/** Reads a repository like an app that was installed just now. Stores nothing. */
export async function walkRepository(options: RepositoryOptions): Promise<RepositoryFacts> {
  const directory = await mkdtemp(join(tmpdir(), 'electron-tuf-doctor-'));
  const plain = createNodeHttpClient();
  const { http, recorded } = recordingHttp(plain, options.config);
  const client = createClient({
    config: options.config,
    ...trustIn(options),
    directory,
    http,
  });
  try {
    const failure = await failureOf(client.trust.refresh(abortable(options)));
    const found = failure === undefined ? await findReleases(client, options) : [];
    const roles = rolesIn(recorded(), options.root);
    const { clockAheadMs, ...content } = await probe(plain, options, roles, found[0]?.target);
    return {
      metadata: {
        ...omitUndefined({ failure }),
        roles,
        ...omitUndefined({ clockAheadMs }),
      },
      releases: found.map(({ facts }) => facts),
      content,
    };
  } finally {
    await plain.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface FoundRelease {
  readonly facts: PlatformRelease;
  /** A file of the release, to ask the content servers for. */
  readonly target?: TrustedTarget;
}

async function findReleases(client: Client, options: RepositoryOptions): Promise<readonly FoundRelease[]> {
  const { config, channel } = options;
  const found: FoundRelease[] = [];
  for (const platform of platforms) {
    for (const arch of arches) {
      const release = await findRelease(client, { app: config.app, channel, target: { platform, arch } }, options);
      if (release !== undefined) found.push(release);
    }
  }
  return found;
}

/** Returns `undefined` if the platform target has no index. */
async function findRelease(
  client: Client,
  query: ReleaseQuery,
  options: RepositoryOptions,
): Promise<FoundRelease | undefined> {
  const { channel } = query;
  const platform = formatPlatformTarget(query.target);
  try {
    const { releases, revision, publisher } = await client.trust.releaseIndex(query, abortable(options));
    const release = releases.find(({ withdrawn }) => !withdrawn);
    if (release === undefined) return { facts: { platform, channel, outcome: { type: 'nothing-offered', revision } } };
    const targets: TrustedTarget[] = [];
    const artifacts: ArtifactFacts[] = [];
    for (const artifact of release.artifacts) {
      targets.push((await client.trust.artifact(query, release, artifact, abortable(options))).target);
      artifacts.push(await describe(client, artifact, options));
    }
    const handedOn = publisher === undefined ? {} : { handedOn: publisher.revision };
    return {
      facts: {
        platform,
        channel,
        outcome: { type: 'verified', version: release.version, revision, artifacts, ...handedOn },
      },
      ...omitUndefined({ target: targets[0] }),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    if (code === 'TRUST_TARGET_UNKNOWN') return undefined;
    return { facts: { platform, channel, outcome: { type: 'failed', code, message } } };
  }
}

async function describe(client: Client, artifact: Artifact, options: RepositoryOptions): Promise<ArtifactFacts> {
  const { path, kind, length, chunks } = artifact;
  if (chunks === undefined) return { path, kind, length };
  const target = await client.tuf.target(chunks.path, abortable(options));
  const index = parseChunkIndex(await client.tuf.read(target, maxChunkIndexBytes, abortable(options)));
  return { path, kind, length, packLength: index.pack.length };
}

async function failureOf(work: Promise<unknown>): Promise<MetadataFacts['failure']> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const { code, message } = toUpdateError(error, 'MANAGER_UNEXPECTED');
    return { code, message };
  }
}

/** The fetched metadata may be unverified, so doctor reports only well-formed values. */
const roleSchema = v.object({
  signed: v.object({ version: v.pipe(v.number(), v.safeInteger()), expires: v.pipe(v.string(), v.isoTimestamp()) }),
});
const order = ['root', 'timestamp', 'snapshot', 'targets'];

function rolesIn(recorded: ReadonlyMap<string, Uint8Array>, root: Uint8Array): readonly RoleFacts[] {
  const roles = new Map<string, RoleFacts>();
  for (const [name, bytes] of [['metadata/root.json', root] as const, ...recorded]) {
    const role = /^metadata\/(?:\d+\.)?([A-Za-z0-9_-]{1,64})\.json$/.exec(name)?.[1];
    const facts = role === undefined ? undefined : roleIn(role, bytes);
    if (facts !== undefined && facts.version >= (roles.get(facts.role)?.version ?? 0)) roles.set(facts.role, facts);
  }
  const known = order.flatMap((role) => roles.get(role) ?? []);
  return [...known, ...[...roles.values()].filter(({ role }) => !order.includes(role))];
}

function roleIn(role: string, bytes: Uint8Array): RoleFacts | undefined {
  try {
    const parsed = v.safeParse(roleSchema, JSON.parse(Buffer.from(bytes).toString('utf8')));
    return parsed.success ? { role, ...parsed.output.signed } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function probe(
  http: HttpClient,
  { config, signal }: RepositoryOptions,
  roles: readonly RoleFacts[],
  target: TrustedTarget | undefined,
): Promise<ContentFacts & Pick<MetadataFacts, 'clockAheadMs'>> {
  const rootVersion = roles.find(({ role }) => role === 'root')?.version ?? 0;
  const timestamp = await ask(http, below(config.metadataUrl, 'timestamp.json'), {}, signal);
  const nextRoot = await ask(http, below(config.metadataUrl, `${rootVersion + 1}.root.json`), {}, signal);
  const date = timestamp.type === 'answer' ? Date.parse(timestamp.headers['date'] ?? '') : Number.NaN;
  const ranges: ContentFacts['ranges'][number][] = [];
  if (target !== undefined && target.length > 0) {
    const { length, locations, path } = target;
    const headers = { range: `bytes=${length - 1}-${length - 1}` };
    for (const base of config.targetsUrls) {
      ranges.push({ length, answer: await ask(http, below(base, locations[0] ?? path), headers, signal) });
    }
  }
  return { timestamp, nextRoot, ranges, ...(Number.isNaN(date) ? {} : { clockAheadMs: Date.now() - date }) };
}

async function ask(
  http: HttpClient,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<AnswerFacts> {
  try {
    // Doctor needs the headers only and never reads the body.
    const response = await http.get(url, { headers, maxBytes: 1, ...omitUndefined({ signal }) });
    response.cancel();
    return { type: 'answer', url, status: response.status, headers: response.headers };
  } catch (error) {
    signal?.throwIfAborted();
    return { type: 'failed', url, message: toUpdateError(error, 'MANAGER_UNEXPECTED').message };
  }
}

function below(base: string, path: string): string {
  return new URL(path, base.endsWith('/') ? base : `${base}/`).href;
}

function abortable({ signal }: RepositoryOptions): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}
