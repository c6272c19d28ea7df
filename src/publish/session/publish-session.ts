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

/** Progress of a step. `done` and `total` count bytes for `hash`, `pack` and `store`, and files for the other steps. */
export interface PublishProgress {
  readonly step: 'hash' | 'rewrite' | 'pack' | 'patch' | 'store' | 'register' | 'confirm';
  readonly done: number;
  readonly total: number;
}

export interface PublishSessionOptions {
  /** `update.json`: the app id, the repository's addresses, and the publisher keys that clients trust. */
  readonly config: UpdateConfig;
  /** The bytes of `root.json`. */
  readonly root: Uint8Array;
  /** The bytes of `trusted_root.json`. @defaultValue no Sigstore identity counts */
  readonly trustedRoot?: Uint8Array;
  /** @defaultValue the channel of `config` */
  readonly channel?: string;
  /** Channels that get the same release or change, beside `channel`. @defaultValue none */
  readonly alsoChannels?: readonly string[];
  readonly api: Omit<RstufApiOptions, 'signal'>;
  /** Serves files at the targets URL. */
  readonly store: ContentStore;
  /** Keeps what this machine has verified before, which reveals a rollback. */
  readonly stateDirectory: string;
  /** The repository's addresses during this session. @defaultValue those of `config` */
  readonly servedAt?: NonNullable<ClientViewOptions['servedAt']>;
  /** Milliseconds within which clients must see what was published. @defaultValue 60000 */
  readonly confirmTimeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PublishProgress) => void;
  /** Receives sentences for a person about events that do not stop the work, such as a publisher that was quicker. */
  readonly onNotice?: (text: string) => void;
}

/** What every workflow works with. */
export interface PublishSession {
  readonly options: PublishSessionOptions;
  readonly app: string;
  readonly channel: string;
  /** `channel` and those that get the same, each once. */
  readonly channels: readonly string[];
  readonly view: ClientView;
  readonly api: RstufApi;
  readonly store: ContentStore;
  /** A private working directory. The session removes it at the end. */
  readonly work: string;
}

/** Milliseconds that a publisher waits for another one on this machine. */
const lockWaitMs = 120_000;

/**
 * Runs `work` with an open, refreshed repository. A lock keeps other publishers on this machine away from the store.
 * @throws UpdateError `PUBLISH_CONTENT` when another publisher holds the lock for two minutes, and what `work` throws
 */
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
    const api = createRstufApi({
      ...options.api,
      tasksFile: join(stateDirectory, `tasks-${name}.json`),
      ...omitUndefined({ signal }),
    });
    try {
      const view = openClientView(options);
      try {
        await view.refresh();
        const channel = options.channel ?? config.channel;
        const channels = [...new Set([channel, ...(options.alsoChannels ?? [])])];
        return await inWorkDirectory(join(stateDirectory, `work-${name}`), async (directory) =>
          work({ options, app: config.app, channel, channels, view, api, store, work: directory }),
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

/** Queries for every release index that the channels may have. */
export function allQueries({ app, channels }: Pick<PublishSession, 'app' | 'channels'>): readonly ReleaseQuery[] {
  return channels.flatMap((channel) =>
    platforms.flatMap((platform) => arches.map((arch) => ({ app, channel, target: { platform, arch } }))),
  );
}

/** How long to wait until clients see what was published. */
export function waitOptions({ options: { confirmTimeoutMs, signal } }: PublishSession): WaitOptions {
  return omitUndefined({ timeoutMs: confirmTimeoutMs, signal });
}

/** First removes what a killed run left. The publisher's lock keeps other processes out of the directory. */
async function inWorkDirectory<T>(directory: string, work: (directory: string) => Promise<T>): Promise<T> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
