import { UpdateError } from './errors.ts';
import { formatPlatformTarget, type PlatformTarget } from './platform-target.ts';

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const appId = /^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+$/;
const channelName = /^[a-z0-9][a-z0-9-]{0,31}$/;
/** Bytes. File systems and URLs in practice allow 255; the consistent name adds 65. */
const maxPathBytes = 255;

/**
 * The only validator of target paths, for publisher and client: segments of `[A-Za-z0-9][A-Za-z0-9._-]*` joined by `/`, no
 * `..`, at most 255 bytes. Such a path is also a valid URL path and a valid file path on every system. In RSTUF's role globs,
 * one `*` matches one segment.
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

/** Validates a file name by the same rule. @throws UpdateError `TRUST_TARGET_PATH` */
export function assertFileName(name: string): string {
  if (name.includes('/')) throw new UpdateError('TRUST_TARGET_PATH', `"${name}" must be a file name without "/".`);
  return assertTargetPath(name);
}

/** Validates a reverse-DNS id such as `org.example.notes`. @throws UpdateError `OPTIONS_INVALID` */
export function assertAppId(app: string): string {
  if (!appId.test(app) || app.length > 100) {
    throw new UpdateError(
      'OPTIONS_INVALID',
      `"${app}" is not an app id. Use a reverse-DNS id such as org.example.notes.`,
    );
  }
  return app;
}

/** Validates a channel: `stable`, `beta`, `nightly` … @throws UpdateError `OPTIONS_INVALID` */
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
 * TUF's consistent name `<dir>/<hash>.<file>` (specification, 6.2). Content is stored and fetched under it, so that no cache
 * can pair new metadata with old bytes.
 */
export function consistentName(path: string, hash: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${hash}.${path.slice(slash)}`;
}
