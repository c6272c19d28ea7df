/**
 * One download in a process of its own, as `download.ts` starts it:
 * `node download-contender.ts <contender> <url> <length> <sha256> <sha512> <to>`. Prints one line of JSON.
 */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';

import { TargetFile } from '@tufjs/models';
import { BaseFetcher, Updater } from 'tuf-js';

import { createDownloadRoom } from '../src/main/download/index.ts';
import { createNodeHttpClient } from '../src/main/http/node-client.ts';
import { createRecordingLogger } from '../test/support/logger.ts';
import { systemClock } from '../test/support/system-clock.ts';
import { trustedTarget } from '../test/support/trusted-target.ts';

interface Task {
  readonly url: string;
  readonly length: number;
  readonly sha256: string;
  readonly sha512: string;
  readonly to: string;
}

const contenders: Readonly<Record<string, (task: Task) => () => Promise<void>>> = {
  ours(task) {
    const client = createNodeHttpClient();
    const slash = task.url.lastIndexOf('/') + 1;
    const room = createDownloadRoom({
      baseUrls: [task.url.slice(0, slash)],
      http: client,
      clock: systemClock,
      logger: createRecordingLogger(),
    });
    const { length, sha256, sha512 } = task;
    const path = task.url.slice(slash);
    const target = trustedTarget(Buffer.alloc(0), { path, length, hashes: { sha256, sha512 } });
    return async () => {
      await room.start({ target, to: task.to, onProgress: () => undefined }).done;
      await client.close();
    };
  },

  /** What one would write by hand: stream, hash on the way, flush, rename. */
  'node:http + sha512': (task) => async () => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      http.get(task.url, resolve).on('error', reject);
    });
    const hash = createHash('sha512');
    response.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(response, createWriteStream(`${task.to}.tmp`, { flush: true }));
    if (hash.digest('hex') !== task.sha512) throw new Error('wrong hash');
    await rename(`${task.to}.tmp`, task.to);
  },

  /** electron-updater's download code as it is, over node:http instead of Electron's net. */
  'electron-updater'(task) {
    const load = createRequire(import.meta.resolve('electron-updater'));
    const { CancellationToken } = load('builder-util-runtime') as { CancellationToken: new () => object };
    const { ElectronHttpExecutor } = load('./electronHttpExecutor.js') as { ElectronHttpExecutor: new () => Executor };
    const executor = new ElectronHttpExecutor();
    executor.createRequest = (options, callback) => http.request(options, callback);
    executor.addRedirectHandlers = () => undefined;
    const sha512 = Buffer.from(task.sha512, 'hex').toString('base64');
    const cancellationToken = new CancellationToken();
    return async () => {
      await executor.download(new URL(task.url), task.to, { sha512, cancellationToken, onProgress: () => undefined });
    };
  },

  /** tuf-js's downloadTarget as it is, on metadata that has been refreshed. */
  'tuf-js'(task) {
    class PlainFetcher extends BaseFetcher {
      async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
        const { body } = await fetch(url);
        if (body === null) throw new Error('no body');
        return body;
      }
    }
    const info = new TargetFile({ path: 'file', length: task.length, hashes: { sha512: task.sha512 } });
    const refreshed = {
      trustedSet: { root: { signed: { consistentSnapshot: false } } },
      config: { prefixTargetsWithHash: false },
      fetcher: new PlainFetcher(),
    };
    const base = task.url.slice(0, task.url.lastIndexOf('/'));
    Object.assign(info, { path: task.url.slice(base.length + 1) });
    return async () => {
      await Updater.prototype.downloadTarget.call(refreshed as unknown as Updater, info, task.to, base);
    };
  },
};

interface Executor {
  createRequest: (options: http.RequestOptions, callback: (response: IncomingMessage) => void) => http.ClientRequest;
  addRedirectHandlers: () => void;
  download(url: URL, to: string, options: object): Promise<string>;
}

const [name = '', url = '', length = '0', sha256 = '', sha512 = '', to = ''] = process.argv.slice(2);
const prepare = contenders[name];
if (prepare === undefined) throw new Error(`No contender ${name}.`);
const run = prepare({ url, length: Number(length), sha256, sha512, to });

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpuBefore = process.cpuUsage();
const before = performance.now();
await run();
const time = performance.now() - before;
const cpu = process.cpuUsage(cpuBefore);
delay.disable();
console.log(
  JSON.stringify({
    'time ms': time,
    'CPU ms': (cpu.user + cpu.system) / 1000,
    'peak RSS MB': process.resourceUsage().maxRSS / 1000,
    'longest block ms': Math.max(0, delay.max / 1e6 - 1),
  }),
);
