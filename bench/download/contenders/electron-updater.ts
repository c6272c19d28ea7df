import http, { type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';

import { measure } from '../measure.ts';

interface Executor {
  createRequest: (options: http.RequestOptions, callback: (response: IncomingMessage) => void) => http.ClientRequest;
  addRedirectHandlers: () => void;
  download(url: URL, to: string, options: object): Promise<string>;
}

/** electron-updater's download code, unmodified, over node:http instead of Electron's net. */
await measure(async ({ urls, sha512, to }) => {
  const load = createRequire(createRequire(process.cwd() + '/package.json').resolve('electron-updater'));
  const { CancellationToken } = load('builder-util-runtime') as { CancellationToken: new () => object };
  const { ElectronHttpExecutor } = load('./electronHttpExecutor.js') as { ElectronHttpExecutor: new () => Executor };
  const executor = new ElectronHttpExecutor();
  executor.createRequest = (options, callback) => http.request(options, callback);
  executor.addRedirectHandlers = () => undefined;
  const options = {
    sha512: Buffer.from(sha512, 'hex').toString('base64'),
    cancellationToken: new CancellationToken(),
    onProgress: () => undefined,
  };
  return async () => {
    await executor.download(new URL(urls[0]), to, options);
  };
});
