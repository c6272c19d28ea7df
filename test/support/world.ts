import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Client, createClient } from '../../src/main/client.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import type { Clock, ReleaseVerifier } from '../../src/main/ports.ts';
import type { RetrySchedules } from '../../src/main/trust/contract.ts';
import { selectRelease } from '../../src/main/release/index.ts';
import type { SigningKey } from '../../src/publish/keys/key-file.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import type { PublisherKeySet } from '../../src/shared/publisher-keys.ts';
import type { Artifact, ReleaseIndex } from '../../src/shared/release-index.ts';
import { releaseIndexPath } from '../../src/shared/target-path.ts';
import { keySetOf, publisherKey, sealIndex } from './publisher.ts';
import { app, artifactOf, indexOf, releaseOf } from './release-index.ts';
import { createTufWriter, type TargetFile, type TufWriter } from './tuf-writer.ts';
import { serveDirectory, type WebServer } from './web-server.ts';

export const query = { app, channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
export const indexPath: string = releaseIndexPath(app, query.channel, query.target);

/** A publisher, its repository on a web server, and installations of its app at version 1.0.0. */
export interface World {
  readonly writer: TufWriter;
  readonly web: WebServer;
  /** The publisher's keys; both must sign. */
  readonly keys: readonly [SigningKey, SigningKey];
  /** Publishes a version honestly, in an index of the next revision; revisions are 10, 20, 30 … */
  readonly release: (version: string) => Promise<void>;
  readonly install: (options?: InstallOptions) => Promise<Installation>;
}

export interface InstallOptions {
  /** @defaultValue both keys of the world */
  readonly publisher?: PublisherKeySet | 'none';
  /** @defaultValue the repository's first root */
  readonly anchor?: Uint8Array;
  /** The directory of an earlier installation, which this one continues. @defaultValue a new one */
  readonly home?: string;
  /** @defaultValue the device's clock */
  readonly clock?: Clock;
  /** @defaultValue none, so that attacks fail at once */
  readonly patience?: RetrySchedules;
}

/** An installed app with its own update directory. */
export interface Installation {
  readonly home: string;
  readonly trust: ReleaseVerifier;
  /** Checks and downloads as the update manager does: the version that came, `up to date`, or the code of the refusal. */
  readonly update: () => Promise<string>;
  /** Everything but the trust store that is in the installation's directory. */
  readonly outside: () => Promise<readonly string[]>;
}

/** An artifact, its target with an honest `custom`, and its entry for an index. */
export function artifact(
  version: string,
  content = `the bytes of ${version}`,
  kind: Artifact['kind'] = 'appimage',
  arches: Artifact['arches'] = ['x64'],
): { readonly file: TargetFile; readonly entry: Artifact } {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = artifactOf(version, { kind, arches, length: bytes.length, sha256 });
  const custom = { app, version, platform: 'linux', arches: entry.arches, kind: entry.kind };
  return { entry, file: { path: entry.path, bytes, custom } };
}

/** An index with one release, as the publisher would sign it. */
export function indexWith(version: string, revision: number, change: Partial<ReleaseIndex> = {}): ReleaseIndex {
  return indexOf([releaseOf(version, { artifacts: [artifact(version).entry] })], { revision, ...change });
}

/** Runs `play` in a fresh world and clears it away. */
export async function inWorld(play: (world: World) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'attack-'));
  const writer = await createTufWriter(join(directory, 'repository'));
  const web = await serveDirectory(join(directory, 'repository'));
  const keys = [publisherKey(), publisherKey()] as const;
  const closing: (() => Promise<void>)[] = [() => web.close()];
  let revision = 0;
  try {
    await play({
      writer,
      web,
      keys,
      async release(version) {
        revision += 10;
        await writer.publish(artifact(version).file, {
          path: indexPath,
          bytes: sealIndex(indexWith(version, revision), keys),
        });
      },
      async install(options = {}) {
        const { publisher = keySetOf(keys), anchor = writer.anchor, clock = systemClock } = options;
        const home = options.home ?? (await mkdtemp(join(directory, 'home-')));
        const client = createClient({
          config: { metadataUrl: `${web.url}/metadata/`, targetsUrls: [`${web.url}/content/`], publisher },
          anchor: { type: 'root', bytes: anchor },
          directory: home,
          clock,
          patience: options.patience ?? { quick: [], long: [] },
        });
        closing.push(() => client.close());
        return {
          home,
          trust: client.trust,
          update: () => coded(() => update(client, join(home, 'update.bin'))),
          outside: () => outsideOf(home),
        };
      },
    });
  } finally {
    for (const close of closing) await close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function update({ trust, download }: Client, to: string): Promise<string> {
  await trust.refresh();
  const index = await trust.releaseIndex(query);
  const selection = selectRelease(index, {
    installed: '1.0.0',
    kinds: ['appimage'],
    nativeArch: 'x64',
    arch: 'x64',
    systemVersion: '6.1.0',
    now: Date.now(),
    installId: 'an installation',
  });
  if (selection.type === 'none') return 'up to date';
  const { target } = await trust.artifact(query, selection.release, selection.artifact);
  await download.start({ target, to }).done;
  const content = await readFile(to, 'utf8');
  await rm(to);
  return content.replace('the bytes of ', '');
}

/** The code of what is refused; anything else that is thrown fails the test. */
export async function coded<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    throw error;
  }
}

async function outsideOf(home: string): Promise<readonly string[]> {
  const names = await readdir(home, { recursive: true });
  return names.filter((name) => name !== 'trust' && !name.startsWith(join('trust', '/'))).toSorted();
}
