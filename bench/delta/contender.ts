/**
 * One update in its own process, started by `bench/delta.ts`: `node contender.ts <task as JSON>`. Prints one line of
 * JSON.
 */
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

import { peakMemory } from '../download/measure.ts';
import type { Pair } from './repository.ts';

export interface Task {
  readonly contender: 'ours' | 'electron-updater';
  readonly pair: Pair;
  /** The URL that serves the pair's directory, without a trailing slash. */
  readonly url: string;
  /** electron-updater's installed artifact. Ours is in the pair. */
  readonly oldFile: string;
  /** The directory for everything that is written. */
  readonly work: string;
  /** What this machine has: the installed image, the files of an installed tree, or nothing. */
  readonly have: 'image' | 'tree' | 'nothing';
  readonly tree: string;
}

async function ours(task: Task): Promise<() => Promise<void>> {
  const { pair, url, work, have } = task;
  const { createClient } = await import('../../src/main/client.ts');
  const anchor = await readFile(pair.root);
  const tree = have === 'tree' ? await filesOf(task.tree) : [];
  const seeds = have === 'image' ? [pair.stored] : tree;
  return async () => {
    const client = createClient({
      config: {
        metadataUrl: `${url}/${pair.config.metadata}/`,
        targetsUrls: [`${url}/${pair.config.targets}/`],
        publisher: pair.config.publisher,
      },
      anchor: { type: 'root', bytes: anchor },
      directory: join(work, 'home'),
    });
    const query = { app: 'org.example.bench', channel: 'stable', target: { platform: 'linux', arch: 'x64' } } as const;
    await client.trust.refresh();
    const [release] = (await client.trust.releaseIndex(query)).releases;
    const artifact = release?.artifacts[0];
    if (release === undefined || artifact === undefined) throw new Error('Nothing is published.');
    const { target, delta } = await client.trust.artifact(query, release, artifact, { installed: '1.0.0' });
    if (delta === undefined) throw new Error('There is no delta.');
    const request = { target, to: join(work, 'new.AppImage'), delta: { ...delta, seeds }, onProgress: () => undefined };
    await client.download.plan(request);
    await client.download.start(request).done;
    await client.close();
  };
}

async function filesOf(tree: string): Promise<readonly string[]> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return paths.filter((_path, index) => (sizes[index] ?? 0) >= 16_384);
}

interface Executor {
  createRequest: (options: http.RequestOptions, callback: (response: IncomingMessage) => void) => http.ClientRequest;
  addRedirectHandlers: () => void;
  request(options: object, token: object): Promise<string | null>;
  download(url: URL, to: string, options: object): Promise<string>;
}

interface UpdateFile {
  readonly url: string;
  readonly sha512: string;
  readonly size: number;
  readonly blockMapSize: number;
}

/** electron-updater's own classes, unmodified, over node:http instead of Electron's net. */
async function electronUpdater({ url, work, oldFile, have }: Task): Promise<() => Promise<void>> {
  const load = createRequire(import.meta.resolve('electron-updater'));
  const { CancellationToken, configureRequestUrl } = load('builder-util-runtime') as {
    CancellationToken: new () => object;
    configureRequestUrl: (url: URL, options: object) => void;
  };
  const { ElectronHttpExecutor } = load('./electronHttpExecutor.js') as { ElectronHttpExecutor: new () => Executor };
  const { parseUpdateInfo } = load('./providers/Provider.js') as {
    parseUpdateInfo: (text: string | null, file: string, url: URL) => { files: UpdateFile[] };
  };
  const { FileWithEmbeddedBlockMapDifferentialDownloader: Differential } = load(
    './differentialDownloader/FileWithEmbeddedBlockMapDifferentialDownloader.js',
  ) as { FileWithEmbeddedBlockMapDifferentialDownloader: new (...args: object[]) => { download(): Promise<void> } };
  const executor = new ElectronHttpExecutor();
  executor.createRequest = (options, callback) => http.request(options, callback);
  executor.addRedirectHandlers = () => undefined;

  return async () => {
    const list = new URL(`${url}/builder/latest-linux.yml`);
    const options = {};
    configureRequestUrl(list, options);
    const text = await executor.request(options, new CancellationToken());
    const file = parseUpdateInfo(text, 'latest-linux.yml', list).files[0];
    if (file === undefined) throw new Error('latest-linux.yml lists nothing.');
    const newUrl = new URL(`${url}/builder/${file.url}`);
    const newFile = join(work, 'new.AppImage');
    const cancellationToken = new CancellationToken();
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    try {
      if (have !== 'image') throw new Error('There is no old image.');
      const given = { newUrl, oldFile, newFile, logger: quiet, requestHeaders: null, isUseMultipleRangeRequest: true };
      await new Differential(file, executor, { ...given, cancellationToken, onProgress: () => undefined }).download();
    } catch {
      // As in AppImageUpdater: downloads the whole file instead.
      await executor.download(newUrl, newFile, { sha512: file.sha512, cancellationToken, onProgress: () => undefined });
    }
  };
}

const task = JSON.parse(process.argv[2] ?? '') as Task;
await mkdir(dirname(task.work), { recursive: true });
const run = await (task.contender === 'ours' ? ours(task) : electronUpdater(task));
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const before = performance.now();
await run();
const time = performance.now() - before;
delay.disable();
console.log(
  JSON.stringify({
    'time s': time / 1000,
    'peak RSS MB': peakMemory() / 1000,
    'longest block ms': Math.max(0, delay.max / 1e6 - 1),
  }),
);
process.exit(0);
