/**
 * Downloads the same file repeatedly until it is killed: `node downloader.ts <url> <task as JSON>`, with an IPC
 * channel. Downloads by patch, by chunks and as a whole in turn.
 */
import { rm } from 'node:fs/promises';

import { createDownloader } from '../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { DeltaChunks, DownloadDelta, DownloadRequest } from '../../src/main/ports.ts';
import { listedChunks } from '../support/delta-rig.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { systemClock } from '../support/system-clock.ts';

export interface DownloaderTask extends Omit<DownloadRequest, 'delta'> {
  readonly delta: Omit<DownloadDelta, 'chunks'>;
  readonly chunks: DeltaChunks;
}

const [url = '', task = ''] = process.argv.slice(2);
const { delta, chunks, ...whole } = JSON.parse(task) as DownloaderTask;
const byPatch = { ...whole, delta: { ...delta, chunks: listedChunks(chunks) } };
const byChunks = { ...whole, delta: { ...byPatch.delta, patches: [] } };
const downloader = createDownloader({
  baseUrls: [url],
  http: createNodeHttpClient({ proxy: 'none' }),
  clock: systemClock,
  logger: createRecordingLogger(),
});

process.send?.('ready');
for (;;) {
  for (const download of [byPatch, byChunks, whole]) {
    await downloader.start(download).done;
    await rm(download.to);
  }
}
