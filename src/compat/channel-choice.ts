import semver from 'semver';

/** What an app said of channels, as electron-updater takes it. */
export interface ChannelWish {
  /** `autoUpdater.channel` */
  readonly channel: string | null;
  /** The channel of a feed's options. */
  readonly feedChannel: string | undefined;
  /** `autoUpdater.allowPrerelease`; `undefined` until it is set. */
  readonly allowPrerelease: boolean | undefined;
  /** The running version. */
  readonly version: string;
}

/** A channel by the name that it has here. `guessed`: the app named none, so it may not be there. */
export interface WantedChannel {
  readonly name: string;
  readonly guessed: boolean;
}

/**
 * The channel that an app asks for; `undefined` leaves it to the build. Where an app only wants pre-releases, it is the
 * channel that the running version's own tag names (`1.3.0-alpha.2`), as with electron-updater's providers, else `beta`.
 */
export function wantedChannel({
  channel,
  feedChannel,
  allowPrerelease,
  version,
}: ChannelWish): WantedChannel | undefined {
  const named = channel ?? feedChannel;
  if (named !== undefined) return { name: named === 'latest' ? 'stable' : named, guessed: false };
  if (allowPrerelease !== true) return undefined;
  const tag = semver.prerelease(version)?.find((part) => typeof part === 'string');
  return { name: typeof tag === 'string' ? tag : 'beta', guessed: true };
}
