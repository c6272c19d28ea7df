import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createDownloader, type DownloaderOptions } from '../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type {
  DeltaChunks,
  DownloadDelta,
  DownloadPlan,
  DownloadRequest,
  Downloader,
  ListedChunks,
} from '../../src/main/ports.ts';
import { writePack } from '../../src/publish/delta/pack/write-pack.ts';
import { writePatch } from '../../src/publish/delta/patch/write-patch.ts';
import { encodeChunkIndex } from '../../src/shared/chunks/chunk-index.ts';
import { sizesFor } from '../../src/shared/chunks/chunker.ts';
import { UpdateError } from '../../src/shared/errors.ts';
import { consistentName } from '../../src/shared/target-path.ts';
import { type Behaviour, good } from './evil-server.ts';
import { createRecordingLogger } from './logger.ts';
import { trustedTarget } from './trusted-target.ts';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The files that a publisher makes of two versions of an artifact, and what a client was told of them. */
export interface DeltaFiles {
  readonly old: Buffer;
  readonly fresh: Buffer;
  readonly index: Buffer;
  readonly pack: Buffer;
  readonly patch: Buffer;
}

/** Chunks of 1 to 16 KiB, so that small files have many. */
export async function makeDeltaFiles(old: Buffer, fresh: Buffer): Promise<DeltaFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'delta-files-'));
  const path = (name: string): string => join(directory, name);
  try {
    await Promise.all([writeFile(path('old'), old), writeFile(path('fresh'), fresh)]);
    const index = await writePack({ artifact: path('fresh'), to: path('pack'), quality: 4, sizes: sizesFor(4096) });
    await writePatch({ base: path('old'), result: path('fresh'), to: path('patch'), quality: 4 });
    const [pack, patch] = await Promise.all([readFile(path('pack')), readFile(path('patch'))]);
    return { old, fresh, index: Buffer.from(encodeChunkIndex(index)), pack, patch };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A server on loopback with the files of a release. It misbehaves on command, file by file. */
export interface DeltaServer {
  readonly url: string;
  /** What was asked for: `pack`, `patch`, `chunks` or `app`. */
  readonly asked: string[];
  /** How to answer for a file from now on. */
  readonly behaviours: Partial<Record<string, Behaviour>>;
  close(): Promise<void>;
}

export async function startDeltaServer(files: DeltaFiles): Promise<DeltaServer> {
  const content: Readonly<Record<string, Buffer>> = {
    '/app': files.fresh,
    '/app.chunks': files.index,
    '/app.patch': files.patch,
    [`/${consistentName('app.pack', sha256(files.pack))}`]: files.pack,
  };
  const asked: string[] = [];
  const behaviours: Partial<Record<string, Behaviour>> = {};
  const server = createServer((request, response) => {
    response.on('error', () => response.destroy());
    const bytes = content[request.url ?? ''];
    if (bytes === undefined) return void response.writeHead(404).end();
    const name = request.url?.split('.').at(-1)?.replace('/', '') ?? '';
    asked.push(name);
    return (behaviours[name] ?? good)({ request, response, bytes, etag: `"${sha256(bytes).slice(0, 8)}"` });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    behaviours,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A chunk index that is found at once. */
export function listedChunks(chunks: DeltaChunks): ListedChunks {
  const { length, hashes } = chunks.index;
  return { length, sha256: hashes.sha256 ?? '', find: async () => Promise.resolve(chunks) };
}

/** What a download came to, as plain data. */
export type DeltaOutcome =
  { readonly code: string } | { readonly right: boolean; readonly received: number; readonly saved: number };

/** A downloader with its own directory. */
export interface DeltaRig {
  readonly directory: string;
  readonly to: string;
  readonly downloader: Downloader;
  /** Every line of the log. */
  readonly lines: readonly string[];
  readonly warnings: () => readonly string[];
  path(name: string): string;
  /** Writes a seed and gives its path. */
  seed(name: string, bytes: Uint8Array): Promise<string>;
  request(seeds: readonly string[], change?: Partial<DownloadDelta>): DownloadRequest;
  plan(seeds: readonly string[], change?: Partial<DownloadDelta>): Promise<DownloadPlan>;
  run(request: DownloadRequest): Promise<DeltaOutcome>;
  /** Names beside the seeds, which lie in a directory of their own. */
  names(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function createDeltaRig(
  files: DeltaFiles,
  baseUrls: readonly string[],
  options: Partial<DownloaderOptions> = {},
): Promise<DeltaRig> {
  const directory = await mkdtemp(join(tmpdir(), 'delta-'));
  const path = (name: string): string => join(directory, name);
  await Promise.all([mkdir(path('seeds')), mkdir(path('downloads'))]);
  const to = path('downloads/app');
  const http = createNodeHttpClient({ proxy: 'none' });
  const logger = createRecordingLogger();
  const speed = 50;
  const downloader = createDownloader({
    baseUrls,
    http,
    logger,
    clock: {
      now: () => Date.now(),
      after(ms, run) {
        const timer = setTimeout(run, ms / speed).unref();
        return () => clearTimeout(timer);
      },
    },
    monotonic: () => performance.now() * speed,
    random: () => 0,
    headersTimeoutMs: 300,
    idleTimeoutMs: 300,
    ...options,
  });
  const request: DeltaRig['request'] = (seeds, change = {}) => ({
    target: trustedTarget(files.fresh, { path: 'app' }),
    to,
    delta: {
      seeds,
      chunks: listedChunks({
        index: trustedTarget(files.index, { path: 'app.chunks', locations: ['x.app.chunks', 'app.chunks'] }),
        pack: 'app.pack',
      }),
      patches: [
        {
          from: '1.0.0',
          target: trustedTarget(files.patch, { path: 'app.patch' }),
          base: { length: files.old.length, sha256: sha256(files.old) },
        },
      ],
      ...change,
    },
  });
  return {
    directory,
    to,
    downloader,
    lines: logger.lines,
    warnings: () => logger.lines.filter((line) => line.startsWith('warn')),
    path,
    async seed(name, bytes) {
      await writeFile(path(`seeds/${name}`), bytes);
      return path(`seeds/${name}`);
    },
    request,
    plan: async (seeds, change) => downloader.plan(request(seeds, change)),
    async run(given) {
      try {
        const file = await downloader.start(given).done;
        const right = (await readFile(file.path)).equals(files.fresh);
        return { right, received: file.bytesReceived, saved: file.bytesSaved };
      } catch (error) {
        if (error instanceof UpdateError) return { code: error.code };
        throw error;
      }
    },
    names: async () => (await readdir(path('downloads'))).toSorted(),
    async close() {
      await http.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
