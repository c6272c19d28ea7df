import { describe, expect, it } from 'vitest';

import { systemClock } from '../../node/clock.ts';
import { silentLogger } from '../../node/logger.ts';
import type { HttpClient } from '../../ports.ts';
import { addRange, type ByteRanges } from '../byte-ranges.ts';
import { DownloadContext } from '../context.ts';
import { newMirrorState } from './mirror-state.ts';
import type { ByteSink } from './transfer-options.ts';
import { transfer } from './transfer.ts';

const mib = 1024 * 1024;
const length = 8 * mib;

describe('a transfer over several connections', () => {
  it('continues when all workers but the allowed ones stop at the same moment', async () => {
    const asked: string[] = [];
    const allAsked = Promise.withResolvers<void>();
    // The third request is refused, which halves the connections. Then the first two end at once.
    const http: HttpClient = {
      async get(url, { headers }) {
        const range = headers?.['range'] ?? `bytes=0-${length - 1}`;
        const [at, last] = range.slice('bytes='.length).split('-').map(Number) as [number, number];
        const isThird = asked.push(range) === 3;
        if (isThird) allAsked.resolve();
        return {
          status: isThird ? 503 : headers?.['range'] === undefined ? 200 : 206,
          headers: { 'content-range': `bytes ${range.slice('bytes='.length)}/${length}` },
          url,
          redirects: [],
          body: bytesAfter(allAsked.promise, last + 1 - at),
          cancel: () => undefined,
        };
      },
      close: async () => undefined,
    };
    const clock = { ...systemClock, after: (_ms: number, run: () => void) => systemClock.after(1, run) };
    const context = new DownloadContext({
      baseUrls: ['https://a.test'],
      http,
      clock,
      logger: silentLogger,
      monotonic: () => 0,
    });
    const sink = fakeSink();
    const mirrors = context.mirrors.map((mirror) => newMirrorState(mirror));
    const { signal } = new AbortController();
    const [onReceived, onRequest] = [(): void => undefined, (): void => undefined];
    const job = { length, locations: ['f'], mirrors, sink, connections: 3, signal, onReceived, onRequest };
    await transfer(context, job);
    expect([sink.ranges, asked.length > 3]).toEqual([[{ start: 0, end: length }], true]);
  });
});

async function* bytesAfter(moment: Promise<void>, count: number): AsyncGenerator<Uint8Array> {
  await moment;
  yield new Uint8Array(count);
}

function fakeSink(): ByteSink {
  let ranges: ByteRanges = [];
  return {
    get ranges() {
      return ranges;
    },
    async write(at, chunks) {
      ranges = addRange(ranges, { start: at, end: chunks.reduce((sum, chunk) => sum + chunk.length, at) });
    },
  };
}
