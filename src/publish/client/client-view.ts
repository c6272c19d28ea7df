import type { ReleaseQuery, RememberedIndex, TargetListing } from '../../main/ports.ts';
import type { ReleaseIndex } from '../../shared/release-index.ts';
import type { TrustedTarget } from '../../shared/trusted-target.ts';

/** The repository as an installed app sees it: verified metadata, and bytes from the content server. */
export interface ClientView {
  /** Fetches and verifies the newest metadata. @throws UpdateError with a `TRUST_…` code */
  refresh(): Promise<void>;
  /**
   * The signed description of a path, or `undefined` if no role lists it. Accepts an expired role, because RSTUF's new roles
   * are expired until something is published to them.
   */
  target(path: string): Promise<TrustedTarget | undefined>;
  /** The same as an installed app gets it: from a role that has not expired. @throws UpdateError `TRUST_EXPIRED` */
  visibleTarget(path: string): Promise<TrustedTarget | undefined>;
  /** Whether a delegated role may list a path. */
  isCovered(path: string): Promise<boolean>;
  /**
   * What each version of the responsible role says about a path, newest first, as of the last refresh. Ends when the
   * repository no longer has the older versions.
   */
  history(path: string): AsyncIterable<TargetListing>;
  /**
   * The index for a query, accepted as an app accepts it: verified, and not older than one seen before. Remembers it.
   * `undefined` if there is none yet.
   */
  releaseIndex(query: ReleaseQuery): Promise<ReleaseIndex | undefined>;
  /** The bytes of a listed index, from this machine or else from the content server. @throws UpdateError */
  readIndex(query: ReleaseQuery, listed: TrustedTarget): Promise<Uint8Array>;
  /** Verifies an index against the publisher's keys without remembering it. @throws UpdateError with a `TRUST_…` code */
  verifyIndex(query: ReleaseQuery, bytes: Uint8Array): Promise<ReleaseIndex>;
  /** The newest index that this machine has seen and verified, and its signed bytes. */
  rememberedIndex(query: ReleaseQuery): Promise<RememberedIndex | undefined>;
  /** Checks that the first content server has a file. @throws UpdateError if it has none, or one of another length */
  assertServed(file: Pick<TrustedTarget, 'path' | 'length' | 'locations'>): Promise<void>;
  close(): Promise<void>;
}
