import semver from 'semver';

/** An app's settings about channels, in electron-updater's terms. */
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

/** A channel under its name here. `guessed` means that the app named none, so the channel may not exist. */
export interface WantedChannel {
  readonly name: string;
  readonly guessed: boolean;
}

/**
 * The channel that an app requests; `undefined` means the build's channel. If an app only wants pre-releases, the channel is
 * the running version's own tag (`1.3.0-alpha.2`), as with electron-updater's providers, or else `beta`.
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
