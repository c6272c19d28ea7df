import { omitUndefined } from '../../shared/omit-undefined.ts';
import { UpdateError } from '../../shared/errors.ts';
import { formatPlatformTarget } from '../../shared/platform-target.ts';
import type { PublisherKeySet } from '../../shared/publisher-keys.ts';
import { findArtifact, maxReleaseIndexBytes, type ReleaseIndex } from '../../shared/release-index.ts';
import { releaseIndexPath } from '../../shared/target-path.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';
import type { Logger, ReleaseQuery, TrustOptions, ReleaseVerifier } from '../ports.ts';
import { assertAgreement } from './agreement.ts';
import type { TrustStore, TufClient } from './contract.ts';
import { findDelta } from './find-delta.ts';
import { createIndexVerifier } from './publisher/index-verifier.ts';
import { matchesTarget } from './tuf/fetch/fetch-target.ts';

export interface ReleaseVerifierOptions {
  /** The first lock. It verifies TUF metadata. */
  readonly tuf: TufClient;
  /** Stores what the second lock has seen. */
  readonly store: TrustStore;
  /** The embedded keys for the second lock, or `none`. `none` is an explicit choice, and each start logs it. */
  readonly publisher: PublisherKeySet | 'none';
  readonly logger: Logger;
}

/**
 * Creates the trust module. It has two independent locks, TUF metadata and publisher signatures. Both must agree.
 * @throws UpdateError `OPTIONS_CONFIG_INVALID` if an embedded publisher key is listed under another key's id
 */
export function createReleaseVerifier({ tuf, store, publisher, logger }: ReleaseVerifierOptions): ReleaseVerifier {
  const indexVerifier = createIndexVerifier({ publisher, store, logger });

  async function rememberedAs(target: TrustedTarget, query: ReleaseQuery): Promise<Uint8Array | undefined> {
    return (await indexVerifier.storedCopies(query)).find((bytes) => matchesTarget(bytes, target));
  }

  async function indexTarget(query: ReleaseQuery, options?: TrustOptions): Promise<TrustedTarget> {
    try {
      return await tuf.target(releaseIndexPath(query.app, query.channel, query.target), options);
    } catch (error) {
      if (!(error instanceof UpdateError) || error.code !== 'TRUST_TARGET_UNKNOWN') throw error;
      const seen = await indexVerifier.newest(query);
      throw seen === undefined ? noIndex(query, error) : indexGone(query, seen.index, error);
    }
  }

  return {
    refresh: (options) => tuf.refresh(options),
    target: (path, options) => tuf.target(path, options),

    async releaseIndex(query, options) {
      const target = await indexTarget(query, options);
      const bytes = (await rememberedAs(target, query)) ?? (await tuf.read(target, maxReleaseIndexBytes, options));
      return indexVerifier.verifyAndStore(bytes, query, options);
    },

    verifyIndex: (bytes, query) => indexVerifier.verifyStored(bytes, query),
    rememberedIndex: (query) => indexVerifier.newest(query),

    async artifact(query, release, artifact, options) {
      const [target, delta] = await Promise.all([
        tuf.target(artifact.path, options),
        findDelta(tuf, { query, release, artifact }, options ?? {}, logger),
      ]);
      assertAgreement(query, release, artifact, target);
      return { query, release, artifact, target, ...omitUndefined({ delta }) };
    },

    async lookUpOffline(query, version, kind) {
      const listed = await tuf.lookUpOffline(releaseIndexPath(query.app, query.channel, query.target));
      const bytes = listed && (await rememberedAs(listed, query));
      const index = bytes && (await indexVerifier.verifyStored(bytes, query));
      const release = index?.releases.find((one) => one.version === version);
      const artifact = release && findArtifact(release, kind, query.target.arch);
      const target = artifact && (await tuf.lookUpOffline(artifact.path));
      if (index === undefined || release === undefined || artifact === undefined || target === undefined) {
        return undefined;
      }
      assertAgreement(query, release, artifact, target);
      return { query, release, artifact, target, index };
    },
  };
}

function noIndex({ app, channel, target }: ReleaseQuery, cause: UpdateError): UpdateError {
  const name = formatPlatformTarget(target);
  return new UpdateError(
    'TRUST_TARGET_UNKNOWN',
    `${app} has no releases for ${name} on the channel "${channel}". Check the channel's name, or publish a release for it.`,
    { cause, details: { channel, target: name } },
  );
}

/**
 * A signed release index does not disappear. If it is missing, an index that lists withdrawn releases might take its
 * place.
 */
function indexGone({ app, target }: ReleaseQuery, { revision }: ReleaseIndex, cause: UpdateError): UpdateError {
  const name = formatPlatformTarget(target);
  return new UpdateError(
    'TRUST_PUBLISHER_ROLLBACK',
    `The repository lists no release index of ${app} for ${name} any more, but revision ${revision} was seen before. Nothing was installed. If this lasts, tell the app's publisher.`,
    { cause, details: { target: name, seen: revision } },
  );
}
