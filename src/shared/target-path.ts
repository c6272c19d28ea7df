import { UpdateError } from './errors.ts';
import { formatPlatformTarget, type PlatformTarget } from './platform-target.ts';

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const appId = /^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+$/;
const channelName = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** 255 bytes is what file systems and URLs in the field carry; the consistent name adds 65. */
const maxPathBytes = 255;

/**
 * The one validator for every target path of this product, used by publisher and client alike: segments of
 * `[A-Za-z0-9][A-Za-z0-9._-]*` joined by `/`, no `..`, at most 255 bytes. Such a path is its own URL path and
 * its own file path on every system, and it matches RSTUF's role globs one `*` per segment.
 * @throws UpdateError `TRUST_TARGET_PATH`
 */
export function assertTargetPath(path: string): string {
  if (path.length > maxPathBytes || !path.split('/').every((part) => segment.test(part) && !part.includes('..'))) {
    throw new UpdateError(
      'TRUST_TARGET_PATH',
      `The target path ${JSON.stringify(path.slice(0, 300))} is not allowed. Use letters, digits, ".", "_" and "-" in segments joined by "/", without "..", at most ${maxPathBytes} characters.`,
    );
  }
  return path;
}

/** Same rule for a single file name. @throws UpdateError `TRUST_TARGET_PATH` */
export function assertFileName(name: string): string {
  if (name.includes('/')) throw new UpdateError('TRUST_TARGET_PATH', `"${name}" must be a file name without "/".`);
  return assertTargetPath(name);
}

/** A reverse-DNS id such as `org.example.notes`. @throws UpdateError `OPTIONS_INVALID` */
export function assertAppId(app: string): string {
  if (!appId.test(app) || app.length > 100) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${app}" is not an app id. Use a reverse-DNS id such as org.example.notes.`,
    );
  }
  return app;
}

/** `stable`, `beta`, `nightly` … @throws UpdateError `OPTIONS_INVALID` */
export function assertChannel(channel: string): string {
  if (!channelName.test(channel)) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${channel}" is not a channel name. Use 1 to 32 lower-case letters, digits and "-", such as stable or beta.`,
    );
  }
  return channel;
}

/** `<app>/channels/<channel>/<platform>-<arch>.json` */
export function releaseIndexPath(app: string, channel: string, target: PlatformTarget): string {
  return assertTargetPath(
    `${assertAppId(app)}/channels/${assertChannel(channel)}/${formatPlatformTarget(target)}.json`,
  );
}

/** `<app>/releases/<version>/<file>` */
export function artifactPath(app: string, version: string, file: string): string {
  return assertTargetPath(`${assertAppId(app)}/releases/${version}/${assertFileName(file)}`);
}

/**
 * TUF's consistent name `<dir>/<hash>.<file>` (spec 6.2): the name under which content is stored and fetched, so
 * that no cache can pair new metadata with old bytes.
 */
export function consistentName(path: string, hash: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${hash}.${path.slice(slash)}`;
}
