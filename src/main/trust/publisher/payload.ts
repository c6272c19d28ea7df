import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import { formatPlatformTarget } from '../../../shared/platform-target.ts';
import { parseReleaseIndex, type ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { decodeUtf8 } from './envelope.ts';
import { assertKeyIds } from './keys.ts';

/**
 * Parses the payload of an envelope. Call it only after the signatures were verified.
 * @throws UpdateError `TRUST_INDEX_INVALID`, `TRUST_INDEX_SCHEMA`
 */
export function parsePayload(payload: Uint8Array): ReleaseIndex {
  const index = parse(payload);
  if (index.publisher !== undefined) assertKeyIds(index.publisher, 'TRUST_INDEX_INVALID');
  return index;
}

/** Checks that the index is the one the client asked for, and not another signed one. @throws UpdateError `TRUST_INDEX_CONFUSED` */
export function assertAskedFor(index: ReleaseIndex, query: ReleaseQuery): void {
  const { app, channel, platform, arch } = index;
  const isAskedFor =
    app === query.app && channel === query.channel && platform === query.target.platform && arch === query.target.arch;
  if (isAskedFor) return;
  const [asked, offered] = [nameOf(query), nameOf({ app, channel, target: index })];
  throw new UpdateError(
    'TRUST_INDEX_CONFUSED',
    `The repository gave the release index of ${offered} in place of ${asked}. Nothing was installed. If this lasts, tell the app's publisher.`,
    { details: { asked, offered } },
  );
}

function parse(payload: Uint8Array): ReleaseIndex {
  try {
    return parseReleaseIndex(JSON.parse(decodeUtf8(payload)));
  } catch (error) {
    throw toUpdateError(
      error,
      'TRUST_INDEX_INVALID',
      'The payload of the release index cannot be read. The publisher must publish it again.',
    );
  }
}

/** Truncated, because the index of another app may have a name of any length. */
function nameOf({ app, channel, target }: ReleaseQuery): string {
  return `${app} ${channel} ${formatPlatformTarget(target)}`.slice(0, 200);
}
