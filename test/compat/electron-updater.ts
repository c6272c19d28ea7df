import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { AppImageUpdater } from 'electron-updater';

const electronUpdater = createRequire(createRequire(import.meta.url).resolve('electron-updater'));
const { HttpExecutor } = electronUpdater('builder-util-runtime') as Runtime;

interface Runtime {
  readonly HttpExecutor: new () => Executor;
}
interface Token {
  createPromise<T>(work: (resolve: (value: T) => void, reject: (error: Error) => void, onCancel: unknown) => void): T;
}
interface Executor {
  doDownload(options: object, job: object, redirects: number): void;
}
interface DownloadJob {
  readonly headers?: object;
  readonly cancellationToken: Token;
}

/** Over Node instead of Electron's network stack; otherwise as electron-updater's own executor does it. */
class NodeHttpExecutor extends HttpExecutor {
  createRequest(options: object, callback: (response: unknown) => void): unknown {
    return request(options, callback);
  }

  async download(url: URL, destination: string, options: DownloadJob): Promise<string> {
    return options.cancellationToken.createPromise<Promise<string> | string>((resolve, reject, onCancel) => {
      const { hostname, port, pathname } = url;
      this.doDownload(
        { protocol: url.protocol, hostname, port, path: pathname, headers: { ...options.headers } },
        {
          destination,
          options,
          onCancel,
          callback: (error?: Error | null) =>
            error === null || error === undefined ? resolve(destination) : reject(error),
          responseHandler: null,
        },
        0,
      );
    });
  }
}

/** The real electron-updater for an AppImage at version 1.0.0, in plain Node: of Electron it uses little but this. */
export function openElectronUpdater(home: string, url: string): AppImageUpdater {
  writeFileSync(join(home, 'app-update.yml'), `provider: generic\nurl: ${url}\nupdaterCacheDirName: notes-updater\n`);
  const updater = new AppImageUpdater(
    { provider: 'generic', url },
    {
      version: '1.0.0',
      name: 'Notes',
      isPackaged: true,
      appUpdateConfigPath: join(home, 'app-update.yml'),
      userDataPath: join(home, 'data'),
      baseCachePath: join(home, 'cache'),
      whenReady: async () => Promise.resolve(),
      relaunch() {},
      quit() {},
      onQuit() {},
    },
  );
  Object.assign(updater, { httpExecutor: new NodeHttpExecutor(), logger: null, disableDifferentialDownload: true });
  // With the executor of this process.
  updater.setFeedURL({ provider: 'generic', url });
  return updater;
}

/** What electron-builder would publish beside an AppImage. */
export async function writeLatest(directory: string, version: string, bytes: Buffer): Promise<void> {
  const name = `Notes-${version}.AppImage`;
  const sha512 = createHash('sha512').update(bytes).digest('base64');
  await writeFile(join(directory, name), bytes);
  await writeFile(
    join(directory, 'latest-linux.yml'),
    [
      `version: ${version}`,
      'files:',
      `  - url: ${name}`,
      `    sha512: ${sha512}`,
      `    size: ${bytes.length}`,
      `path: ${name}`,
      `sha512: ${sha512}`,
      "releaseDate: '2026-11-22T10:00:00.000Z'",
      'releaseNotes: New tags',
      '',
    ].join('\n'),
  );
}
