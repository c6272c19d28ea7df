import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import http, { type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';

import { measure } from '../measure.ts';

/** A hand-written download: stream, hash on the way, flush, rename. */
await measure(async ({ urls, sha512, to }) => async () => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    http.get(urls[0], resolve).on('error', reject);
  });
  const hash = createHash('sha512');
  response.on('data', (chunk: Buffer) => hash.update(chunk));
  await pipeline(response, createWriteStream(`${to}.tmp`, { flush: true }));
  if (hash.digest('hex') !== sha512) throw new Error('wrong hash');
  await rename(`${to}.tmp`, to);
});
