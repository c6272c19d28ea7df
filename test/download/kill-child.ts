/** One download in a process that will be killed: `node kill-child.ts <job as JSON>`. */
import { openSync, writeSync } from 'node:fs';

import { createDownloader } from '../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import { systemClock } from '../../src/main/node/clock.ts';
import { silentLogger } from '../../src/main/node/logger.ts';
import type { HttpClient } from '../../src/main/ports.ts';
import type { TrustedTarget } from '../../src/shared/trusted-target.ts';

export interface KillJob {
  readonly baseUrl: string;
  readonly target: TrustedTarget;
  readonly to: string;
  /** Receives the number of body bytes so far. What the kernel has taken survives the process. */
  readonly count: string;
}

const { baseUrl, target, to, count } = JSON.parse(process.argv[2] ?? '') as KillJob;
const counter = openSync(count, 'w');
const http = createNodeHttpClient({ proxy: 'none' });
let received = 0;

async function* counted(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    received += chunk.length;
    writeSync(counter, String(received), 0);
    yield chunk;
  }
}

const counting: HttpClient = {
  async get(url, options) {
    const response = await http.get(url, options);
    return { ...response, body: counted(response.body) };
  },
  close: async () => http.close(),
};
// Tries more connections after 25 ms instead of half a second.
const monotonic = (): number => performance.now() * 20;
const clock = { ...systemClock, after: (ms: number, run: () => void) => systemClock.after(ms / 20, run) };
const downloader = createDownloader({ baseUrls: [baseUrl], http: counting, clock, monotonic, logger: silentLogger });
await downloader.start({ target, to }).done;
await http.close();
