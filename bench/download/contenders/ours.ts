import { createDownloader } from '../../../src/main/download/index.ts';
import { createNodeHttpClient } from '../../../src/main/http/node-client.ts';
import { systemClock } from '../../../src/main/node/clock.ts';
import { silentLogger } from '../../../src/main/node/logger.ts';
import type { TrustedTarget } from '../../../src/shared/trusted-target.ts';
import { measure } from '../measure.ts';

await measure(async ({ urls, length, sha256, sha512, to }) => {
  const http = createNodeHttpClient();
  const baseUrls = urls.map((url) => url.slice(0, url.lastIndexOf('/') + 1));
  const downloader = createDownloader({ baseUrls, http, clock: systemClock, logger: silentLogger });
  const path = urls[0].slice(urls[0].lastIndexOf('/') + 1);
  // A target as the trust module would create it.
  const target = {
    path,
    locations: [path],
    length,
    hashes: { sha256, sha512 },
    custom: {},
  } as unknown as TrustedTarget;
  return async () => {
    const { bytesReceived } = await downloader.start({ target, to, onProgress: () => undefined }).done;
    await http.close();
    return bytesReceived;
  };
});
