import { TargetFile } from '@tufjs/models';
import { BaseFetcher, Updater } from 'tuf-js';

import { measure } from '../measure.ts';

class PlainFetcher extends BaseFetcher {
  async fetch(url: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { body } = await fetch(url);
    if (body === null) throw new Error('no body');
    return body;
  }
}

/** tuf-js's downloadTarget, unmodified, on refreshed metadata. */
await measure(async ({ urls, length, sha512, to }) => {
  const slash = urls[0].lastIndexOf('/');
  const info = new TargetFile({ path: urls[0].slice(slash + 1), length, hashes: { sha512 } });
  const refreshed = {
    trustedSet: { root: { signed: { consistentSnapshot: false } } },
    config: { prefixTargetsWithHash: false },
    fetcher: new PlainFetcher(),
  };
  return async () => {
    await Updater.prototype.downloadTarget.call(refreshed as unknown as Updater, info, to, urls[0].slice(0, slash));
  };
});
