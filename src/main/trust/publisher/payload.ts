import { toUpdateError, UpdateError } from '../../../shared/errors.ts';
import { formatPlatformTarget } from '../../../shared/platform-target.ts';
import { parseReleaseIndex, type ReleaseIndex } from '../../../shared/release-index.ts';
import type { ReleaseQuery } from '../../ports.ts';
import { decodeUtf8 } from './envelope.ts';
import { assertKeyIds } from './keys.ts';

/**
 * Reads the payload of an envelope. Call it only after the signatures were verified.
 * @throws UpdateError `TRUST_INDEX_INVALID`, `TRUST_INDEX_SCHEMA`
 */
export function parsePayload(payload: Uint8Array): ReleaseIndex {
  const index = parse(payload);
  if (index.publisher !== undefined) assertKeyIds(index.publisher, 'TRUST_INDEX_INVALID');
  return index;
}

/** One signed index must not stand in for another. @throws UpdateError `TRUST_INDEX_CONFUSED` */
export function assertAskedFor(index: ReleaseIndex, query: ReleaseQuery): void {
  const { app, channel, platform, arch } = index;
  const isAskedFor =
    app === query.app && channel === query.channel && platform === query.target.platform && arch === query.target.arch;
  if (isAskedFor) return;
  const [asked, offered] = [nameOf(query), nameOf({ app, channel, target: index })];
  throw new UpdateError(
    'TRUST_INDEX_CONFUSED',
    `Asked for the release index of ${asked}, the repository gave that of ${offered}. Nothing was installed. If this lasts, tell the app's publisher.`,
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

/** Cut, because a name that nobody asked for may have any length. */
function nameOf({ app, channel, target }: ReleaseQuery): string {
  return `${app} ${channel} ${formatPlatformTarget(target)}`.slice(0, 200);
}
