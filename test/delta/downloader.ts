/**
 * Downloads the same file again and again until it is killed: `node downloader.ts <url> <request as JSON>`, with an IPC
 * channel. By patch, by chunks and plainly in turn.
 */
import { rm } from 'node:fs/promises';

import { createDownloadRoom } from '../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../src/main/http/node-client.ts';
import type { DownloadRequest } from '../../src/main/ports.ts';
import { createRecordingLogger } from '../support/logger.ts';
import { systemClock } from '../support/system-clock.ts';

const [url = '', request = ''] = process.argv.slice(2);
const byPatch = JSON.parse(request) as DownloadRequest;
const { delta, ...plainly } = byPatch;
const byChunks = delta === undefined ? byPatch : { ...plainly, delta: { ...delta, patches: [] } };
const room = createDownloadRoom({
  baseUrls: [url],
  http: createNodeHttpClient({ proxy: 'none' }),
  clock: systemClock,
  logger: createRecordingLogger(),
});

process.send?.('ready');
for (;;) {
  for (const way of [byPatch, byChunks, plainly]) {
    await room.start(way).done;
    await rm(way.to);
  }
}
