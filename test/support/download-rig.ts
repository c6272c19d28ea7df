import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createDownloader, type DownloaderOptions } from '../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { DownloadRequest, Downloader, DownloadTask } from '../../src/main/ports.ts';
import type { TrustedTarget } from '../../src/shared/trusted-target.ts';
import { createRecordingLogger, type RecordingLogger } from './logger.ts';
import { trustedTarget } from './trusted-target.ts';

/** A downloader over real HTTP and a temporary directory. */
export interface DownloadRig {
  readonly directory: string;
  readonly to: string;
  readonly target: TrustedTarget;
  readonly downloader: Downloader;
  readonly logger: RecordingLogger;
  start(request?: Partial<DownloadRequest>): DownloadTask;
  /** Runs a download to its end and returns the outcome as plain data. */
  run(request?: Partial<DownloadRequest>): Promise<Outcome>;
  /** Names in the directory. */
  names(): Promise<string[]>;
  close(): Promise<void>;
}

export type Outcome =
  | { readonly code: unknown }
  | { readonly right: boolean; readonly received: number; readonly saved: number; readonly requests: number };

export interface RigOptions extends Partial<DownloaderOptions> {
  /** How much faster than real time the downloader's clocks run. @defaultValue 50 */
  readonly speed?: number;
  readonly target?: TrustedTarget;
  readonly directory?: string;
}

/** Unless told otherwise, waiting takes a fiftieth of the time, connections time out soon, and there is one at a time. */
export async function createDownloadRig(
  bytes: Uint8Array,
  baseUrls: readonly string[],
  options: RigOptions = {},
): Promise<DownloadRig> {
  const directory = await mkdtemp(join(options.directory ?? tmpdir(), 'download-'));
  const to = join(directory, 'file.bin');
  const target = options.target ?? trustedTarget(bytes);
  const http = createNodeHttpClient({ proxy: 'none' });
  const logger = createRecordingLogger();
  const { speed = 50 } = options;
  const clock = {
    now: () => Date.now(),
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, ms / speed).unref();
      return () => clearTimeout(timer);
    },
  };
  const monotonic = (): number => performance.now() * speed;
  const quick = { headersTimeoutMs: 300, idleTimeoutMs: 300, maxConnections: 1 };
  const downloader = createDownloader({
    baseUrls,
    http,
    clock,
    logger,
    monotonic,
    random: () => 0,
    ...quick,
    ...options,
  });
  const start = (request: Partial<DownloadRequest> = {}): DownloadTask => downloader.start({ target, to, ...request });
  return {
    directory,
    to,
    target,
    downloader,
    logger,
    start,
    async run(request = {}) {
      try {
        const file = await start(request).done;
        const right = (await readFile(file.path)).equals(bytes);
        return { right, received: file.bytesReceived, saved: file.bytesSaved, requests: file.requests };
      } catch (error) {
        return { code: (error as { code?: unknown }).code };
      }
    },
    names: async () => (await readdir(directory)).sort(),
    async close() {
      await http.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
