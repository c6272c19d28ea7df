import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { omitUndefined } from '../../shared/omit-undefined.ts';
import { acquireLock } from '../../files/lock.ts';
import type { ReleaseQuery } from '../../main/ports.ts';
import { UpdateError } from '../../shared/errors.ts';
import { arches, platforms } from '../../shared/platform-target.ts';
import type { UpdateConfig } from '../../shared/update-config.ts';
import { type ClientViewOptions, openClientView } from '../client/open-client-view.ts';
import type { ClientView } from '../client/client-view.ts';
import type { ContentStore } from '../content/content-store.ts';
import type { WaitOptions } from './wait-until-visible.ts';
import { createRstufApi, type RstufApi, type RstufApiOptions } from '../rstuf/rstuf-api.ts';

/** What a publisher is doing; `done` and `total` are bytes for `hash`, `pack` and `store`, files for the others. */
export interface PublishProgress {
  readonly step: 'hash' | 'rewrite' | 'pack' | 'patch' | 'store' | 'register' | 'confirm';
  readonly done: number;
  readonly total: number;
}

export interface PublishSessionOptions {
  /** `update.json`: the app id, where clients look, and the publisher keys they trust. */
  readonly config: UpdateConfig;
  /** The bytes of `root.json`. */
  readonly root: Uint8Array;
  /** @defaultValue the channel of `config` */
  readonly channel?: string;
  readonly api: Omit<RstufApiOptions, 'signal'>;
  /** What is served at the targets URL. */
  readonly store: ContentStore;
  /** Remembers what was signed before, so that an older state is noticed. */
  readonly stateDirectory: string;
  /** Where the repository is served for now, when that is not yet where `config` says. */
  readonly servedAt?: NonNullable<ClientViewOptions['servedAt']>;
  /** Milliseconds until a client must see what was published. @defaultValue 60000 */
  readonly confirmTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
  /** Something that a person should know and that stops nothing, such as another publisher who was quicker. */
  readonly onNotice?: (text: string) => void;
}

/** Everything that publishing works with, open. */
export interface PublishSession {
  readonly options: PublishSessionOptions;
  readonly app: string;
  readonly channel: string;
  readonly view: ClientView;
  readonly api: RstufApi;
  readonly store: ContentStore;
  /** A directory that nobody else uses meanwhile; it is removed at the end. */
  readonly work: string;
}

/** Milliseconds that a second publisher on this machine waits for the first. */
const lockWaitMs = 120_000;

/** Opens the repository, refreshed and with this process as the only publisher on this machine that writes to the store. */
export async function withPublishSession<T>(
  options: PublishSessionOptions,
  work: (session: PublishSession) => Promise<T>,
): Promise<T> {
  const { config, store, stateDirectory, signal } = options;
  const name = createHash('sha256').update(store.id).digest('hex').slice(0, 16);
  const lock = await acquireLock(join(stateDirectory, `publish-${name}.lock`), {
    waitMs: lockWaitMs,
    ...omitUndefined({ signal }),
  });
  if (lock === undefined) {
    throw new UpdateError(
      'PUBLISH_CONTENT',
      `Another process is publishing to ${store.id}. Wait for it, then run the same command again.`,
    );
  }
  try {
    const api = createRstufApi({ ...options.api, ...omitUndefined({ signal }) });
    try {
      const view = openClientView(options);
      try {
        await view.refresh();
        const channel = options.channel ?? config.channel;
        return await inWorkDirectory(join(stateDirectory, `work-${name}`), async (directory) =>
          work({ options, app: config.app, channel, view, api, store, work: directory }),
        );
      } finally {
        await view.close();
      }
    } finally {
      await api.close();
    }
  } finally {
    lock.release();
  }
}

/** Every release index that the channel may have. */
export function allQueries({ app, channel }: Pick<PublishSession, 'app' | 'channel'>): readonly ReleaseQuery[] {
  return platforms.flatMap((platform) => arches.map((arch) => ({ app, channel, target: { platform, arch } })));
}

/** How long a client may take to see what was published. */
export function waitOptions({ options: { confirmTimeoutMs, signal } }: PublishSession): WaitOptions {
  return omitUndefined({ timeoutMs: confirmTimeoutMs, signal });
}

/** Under the publisher's lock nobody else works there: what a killed run left is removed first. */
async function inWorkDirectory<T>(directory: string, work: (directory: string) => Promise<T>): Promise<T> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
