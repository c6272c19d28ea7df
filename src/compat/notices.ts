import type { Logger } from './types.ts';

/** What an app is told to read; the page is in the package. */
const page = 'node_modules/electron-tuf-updater/docs/migrate-from-electron-updater.md#what-differs';

/**
 * What of electron-updater cannot be the same here. Each is told once, when an app uses it: a setting that is ignored in
 * silence is the worst kind of compatibility.
 */
export const differences = {
  channel: 'setting it does not allow older versions. Set allowDowngrade = true where that is wanted.',
  allowPrerelease: 'pre-releases are a channel here. Set autoUpdater.channel to name another one.',
  currentVersion: 'what is compared is the version of the installed app, which cannot be set.',
  setFeedURL: 'addresses come from update.json, which "electron-tuf init" writes; of the options, "channel" is used.',
  addAuthHeader: 'the header is sent to the addresses of update.json, and nowhere else.',
  requestHeaders: 'they are sent to the addresses of update.json, and nowhere else.',
  updateConfigPath: 'updates are configured by update.json and root.json, which "electron-tuf init" writes.',
  installDirectory: 'an update is installed where the app is.',
  verifyUpdateCodeSignature:
    'the function is not called. The publisher signatures of update.json and, on Windows, its "windowsPublishers" decide.',
  previousBlockmapBaseUrlOverride: 'there are no blockmaps. Publish with deltas instead.',
  isUserWithinRollout: 'it may hold a release back. Whom a release is rolled out to is signed in it.',
  isUpdateSupported: 'it may hold a release back. The system version that a release needs is signed in it.',
} as const;

export class Notices {
  readonly #logger: () => Logger;
  readonly #told = new Set<string>();

  constructor(logger: () => Logger) {
    this.#logger = logger;
  }

  /** @param more what is known at the moment */
  tell(what: keyof typeof differences, more = ''): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#logger().warn(`autoUpdater.${what}: ${more}${differences[what]} See ${page}`);
  }
}
