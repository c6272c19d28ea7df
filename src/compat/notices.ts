import type { Logger } from './types.ts';

/** The page to which notices point. The package contains it. */
const page = 'node_modules/electron-tuf-updater/docs/migrate-from-electron-updater.md#what-differs';

/**
 * Features of electron-updater that cannot work the same here. Each notice is logged once, when an app uses the feature,
 * because silently ignoring a setting would be worse than an error.
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

  /** @param more details that are known only at run time */
  tell(what: keyof typeof differences, more = ''): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    this.#logger().warn(`autoUpdater.${what}: ${more}${differences[what]} See ${page}`);
  }
}
