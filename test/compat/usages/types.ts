import {
  type AppUpdater,
  autoUpdater,
  type Logger,
  type ProgressInfo,
  type UpdateCheckResult,
  type UpdateDownloadedEvent,
  type UpdateInfo,
} from 'electron-updater';

type Client = Pick<AppUpdater, 'autoDownload' | 'checkForUpdates' | 'downloadUpdate' | 'on' | 'quitAndInstall'>;

class UpdateService {
  readonly #client: Client;
  #info: UpdateInfo | undefined;
  #progress: ProgressInfo | undefined;
  #result: UpdateCheckResult | null = null;
  downloaded: UpdateDownloadedEvent | undefined;

  constructor(client: Client) {
    this.#client = client;
    client.autoDownload = true;
    client.on('update-available', (info: UpdateInfo) => (this.#info = info));
    client.on('download-progress', (progress: ProgressInfo) => (this.#progress = progress));
    client.on('update-downloaded', (event: UpdateDownloadedEvent) => (this.downloaded = event));
  }

  async update(): Promise<unknown> {
    this.#result = await this.#client.checkForUpdates();
    const files: string[] | null | undefined = await this.#result?.downloadPromise;
    return [this.#info?.version, this.#progress?.percent, this.downloaded?.version, files?.length];
  }
}

/** Types of the package, in a service of the app's own. */
export async function run(): Promise<unknown> {
  const quiet: Logger = { info() {}, warn() {}, error() {} };
  autoUpdater.logger = quiet;
  return new UpdateService(autoUpdater).update();
}
